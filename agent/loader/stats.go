package loader

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
)

// stats are the verifier's own figures, from the last lines of its log (print_verification_stats in
// kernel/bpf/verifier.c). They are there for accepted programs too.
type stats struct {
	insns, peakStates, totalStates *uint64
	stackDepths                    []uint64
}

// statsLine tells the lines that hold statistics. It is asked about rejected programs alone, unlike the functions below,
// which do without expressions: a restored guest translates the code of what it runs first.
var statsLine = regexp.MustCompile(`^(?:processed \d+ insns|insns processed \d|stack depth (?:max )?\d|subprog \d+ \(|verification time \d)`)

// statsWindow is how much of a log's end is searched: the lines stand at its very end, but a kernel may say more after.
const statsWindow = 64 << 10

// parseStats reads the statistics from a log. Kernels from 5.2 on end it with
//
//	verification time 12 usec
//	stack depth 16+8
//	processed 23 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1
//
// of which 7.2 writes `stack depth 16+8 max 24` and has a line `insns processed 17+6` behind it. Later ones, 7.3 among them, have in place of the stack's line
//
//	stack depth max 24
//	subprog 0 (entry) main insns_self 17 insns_total 23 stack 16
//	subprog 1 (callee) static insns_self 6 insns_total 6 stack 8
func parseStats(log []byte) stats {
	log = log[max(0, len(log)-statsWindow):]
	var found stats
	for line := range bytes.Lines(log) {
		text := strings.TrimSpace(string(line))
		if depths, isStack := strings.CutPrefix(text, "stack depth "); isStack {
			sum, _, _ := strings.Cut(depths, " max ")
			found.stackDepths = parseDepths(sum)
		} else if strings.HasPrefix(text, "subprog ") {
			found.stackDepths = append(found.stackDepths, parseDepths(lastWord(text, " stack "))...)
		} else if processed, isCount := strings.CutPrefix(text, "processed "); isCount {
			found.readProcessed(processed)
		}
	}
	return found
}

// readProcessed reads what stands behind the word: `23 insns (limit 1000000) … total_states 1 peak_states 1 …`.
func (s *stats) readProcessed(line string) {
	words := strings.Fields(line)
	if len(words) < 2 || words[1] != "insns" {
		return
	}
	s.insns = parseCount(words[0])
	for i := 2; i+1 < len(words); i++ {
		switch words[i] {
		case "total_states":
			s.totalStates = parseCount(words[i+1])
		case "peak_states":
			s.peakStates = parseCount(words[i+1])
		}
	}
}

// lastWord is what stands behind the last mark, or nothing.
func lastWord(text, mark string) string {
	if start := strings.LastIndex(text, mark); start >= 0 {
		return text[start+len(mark):]
	}
	return ""
}

// explanation begins the paragraphs in which kernels from 7.3 on explain an error, after the line that names it.
const explanation = "\n\nVerification failed: "

// errorWords copies the end of a log, as far as the line that names what is wrong with the program. Behind that line
// may stand an explanation, and the statistics.
func errorWords(log []byte) []byte {
	log = log[max(0, len(log)-statsWindow):]
	if start := bytes.LastIndex(log, []byte(explanation)); start >= 0 {
		log = log[:start]
	}
	for {
		log = bytes.TrimRight(log, "\n")
		start := bytes.LastIndexByte(log, '\n') + 1
		if !statsLine.Match(log[start:]) {
			return append(bytes.Clone(log), '\n')
		}
		log = log[:start]
	}
}

// parseDepths reads `16+8`; anything else is no list of depths.
func parseDepths(text string) []uint64 {
	var depths []uint64
	for part := range strings.SplitSeq(text, "+") {
		depth := parseCount(part)
		if depth == nil {
			return nil
		}
		depths = append(depths, *depth)
	}
	return depths
}

func parseCount(text string) *uint64 {
	count, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return nil
	}
	return &count
}
