package loader

import (
	"reflect"
	"strings"
	"testing"
)

// Logs as kernels have written them.
const (
	acceptedOn510 = "verification time 10177 usec\nstack depth 4+0\n" +
		"processed 1117 insns (limit 1000000) max_states_per_insn 4 total_states 25 peak_states 25 mark_read 3\n"
	acceptedOn61 = "verification time 11015 usec\nstack depth 8+0\n" +
		"processed 1117 insns (limit 1000000) max_states_per_insn 4 total_states 25 peak_states 25 mark_read 3\n"
	rejectedOn612 = "0: R1=ctx() R10=fp0\n18: (16) if w1 == 0x0 goto pc-15\nThe sequence of 8193 jumps is too complex.\n" +
		"verification time 1970132 usec\nstack depth 0\n" +
		"processed 131081 insns (limit 1000000) max_states_per_insn 4 total_states 1642 peak_states 1642 mark_read 2\n"
	acceptedOn73 = "verification time 20334 usec\nstack depth max 16\n" +
		"subprog 0 (bounded) main insns_self 717 insns_total 1117 stack 8\n" +
		"subprog 1 (add) static insns_self 400 insns_total 400 stack 0\n" +
		"processed 1117 insns (limit 1000000) max_states_per_insn 5 total_states 25 peak_states 25 mark_read 0\n"
	acceptedOn72 = "verification time 2858 usec\nstack depth 8+0+0 max 16\ninsns processed 9+2+5\n" +
		"processed 16 insns (limit 1000000) max_states_per_insn 0 total_states 2 peak_states 2 mark_read 0\n"
	rejectedOn72 = "R1 invalid mem access 'mem_or_null'\nverification time 575 usec\nstack depth 8+0 max 0\n" +
		"insns processed 6+1\n" +
		"processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
	rejectedOn73 = "7: (79) r1 = *(u64 *)(r0 +0)\nR0 invalid mem access 'map_value_or_null'\n\n" +
		"Verification failed: Register Type Safety: Invalid dereference\n\nReason:\n  R0 may be NULL here.\n\n" +
		"At:\n  no_null_check @ basic.bpf.c:8:114\n\nSuggestion:\n  Add a NULL check before the access.\n\n" +
		"verification time 4916 usec\nstack depth max 0\n" +
		"subprog 0 (no_null_check) main insns_self 7 insns_total 7 stack 8\n" +
		"processed 7 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n"
)

func TestStatistics(t *testing.T) {
	count := func(value uint64) *uint64 { return &value }
	for name, c := range map[string]struct {
		log  string
		want stats
	}{
		"5.10":               {acceptedOn510, stats{count(1117), count(25), count(25), []uint64{4, 0}}},
		"6.1":                {acceptedOn61, stats{count(1117), count(25), count(25), []uint64{8, 0}}},
		"6.12, rejected":     {rejectedOn612, stats{count(131081), count(1642), count(1642), []uint64{0}}},
		"7.2":                {acceptedOn72, stats{count(16), count(2), count(2), []uint64{8, 0, 0}}},
		"7.2, rejected":      {rejectedOn72, stats{count(7), count(0), count(0), []uint64{8, 0}}},
		"7.3":                {acceptedOn73, stats{count(1117), count(25), count(25), []uint64{8, 0}}},
		"7.3, rejected":      {rejectedOn73, stats{count(7), count(0), count(0), []uint64{8}}},
		"no statistics":      {"Tracing programs must provide btf_id\n", stats{}},
		"nothing":            {"", stats{}},
		"no line feed":       {"processed 3 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 2 mark_read 0", stats{count(3), count(2), count(1), nil}},
		"figures of a line":  {"5: (b7) r0 = 1 ; processed 9 insns\n", stats{}},
		"behind a long log":  {strings.Repeat("0: (b7) r0 = 0\n", 10000) + acceptedOn510, stats{count(1117), count(25), count(25), []uint64{4, 0}}},
		"number beyond 2^64": {"processed 99999999999999999999 insns (limit 1)\n", stats{}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := parseStats([]byte(c.log)); !reflect.DeepEqual(got, c.want) {
				t.Errorf("%+v", got)
			}
		})
	}
}

func TestErrorWords(t *testing.T) {
	for name, c := range map[string]struct{ log, last string }{
		"6.12":          {rejectedOn612, "The sequence of 8193 jumps is too complex."},
		"7.2":           {rejectedOn72, "R1 invalid mem access 'mem_or_null'"},
		"7.3":           {rejectedOn73, "R0 invalid mem access 'map_value_or_null'"},
		"no statistics": {"a\nTracing programs must provide btf_id\n", "Tracing programs must provide btf_id"},
		"only those":    {acceptedOn510, ""},
		"nothing":       {"", ""},
	} {
		t.Run(name, func(t *testing.T) {
			words := string(errorWords([]byte(c.log)))
			if !strings.HasSuffix(words, c.last+"\n") || (c.last == "" && words != "\n") {
				t.Errorf("%q", words)
			}
		})
	}
}
