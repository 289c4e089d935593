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
)

// statsWindow is how much of a log's end is searched: the lines stand at its very end, but a kernel may say more after.
const statsWindow = 64 << 10

// parseStats reads the statistics from a log, in whichever form of the kernels from 5.2 on:
//
//	verification time 12 usec
//	stack depth 16+8
//	processed 23 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1
func parseStats(log []byte) stats {
	log = log[max(0, len(log)-statsWindow):]
	var found stats
	for line := range bytes.Lines(log) {
		text := strings.TrimSpace(string(line))
		if match := stackDepth.FindStringSubmatch(text); match != nil {
			found.stackDepths = parseDepths(match[1])
		}
		if match := processed.FindStringSubmatch(text); match != nil {
			found.insns = parseCount(match[1])
			for _, pair := range figure.FindAllStringSubmatch(text, -1) {
				if pair[1] == "total_states" {
					found.totalStates = parseCount(pair[2])
				} else {
					found.peakStates = parseCount(pair[2])
				}
			}
		}
	}
	return found
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
