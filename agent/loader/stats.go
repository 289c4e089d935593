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

var (
	processed  = regexp.MustCompile(`^processed (\d+) insns`)
	figure     = regexp.MustCompile(`\b(total_states|peak_states) (\d+)`)
	stackDepth = regexp.MustCompile(`^stack depth (\d+(?:\+\d+)*)`)
	subprogram = regexp.MustCompile(`^subprog \d+ \(.*\bstack (\d+)$`)
	statsLine  = regexp.MustCompile(`^(?:processed \d+ insns|stack depth (?:max )?\d|subprog \d+ \(|verification time \d)`)
)

// statsWindow is how much of a log's end is searched: the lines stand at its very end, but a kernel may say more after.
const statsWindow = 64 << 10

// parseStats reads the statistics from a log. Kernels from 5.2 on end it with
//
//	verification time 12 usec
//	stack depth 16+8
//	processed 23 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1
//
// and later ones, 7.3 among them, have in place of the stack's line
//
//	stack depth max 24
//	subprog 0 (entry) main insns_self 17 insns_total 23 stack 16
//	subprog 1 (callee) static insns_self 6 insns_total 6 stack 8
func parseStats(log []byte) stats {
	log = log[max(0, len(log)-statsWindow):]
	var found stats
	for line := range bytes.Lines(log) {
		text := strings.TrimSpace(string(line))
		if match := stackDepth.FindStringSubmatch(text); match != nil {
			found.stackDepths = parseDepths(match[1])
		} else if match := subprogram.FindStringSubmatch(text); match != nil {
			found.stackDepths = append(found.stackDepths, parseDepths(match[1])...)
		} else if match := processed.FindStringSubmatch(text); match != nil {
			found.insns = parseCount(match[1])
			found.readStates(text)
		}
	}
	return found
}

func (s *stats) readStates(line string) {
	for _, pair := range figure.FindAllStringSubmatch(line, -1) {
		if pair[1] == "total_states" {
			s.totalStates = parseCount(pair[2])
		} else {
			s.peakStates = parseCount(pair[2])
		}
	}
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

func parseDepths(text string) []uint64 {
	var depths []uint64
	for part := range strings.SplitSeq(text, "+") {
		if depth := parseCount(part); depth != nil {
			depths = append(depths, *depth)
		}
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
