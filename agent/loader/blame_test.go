package loader

import (
	"os"
	"path/filepath"
	"testing"
)

// readLog reads a log as a kernel of Debian printed it.
func readLog(t *testing.T, name string) []byte {
	t.Helper()
	log, err := os.ReadFile(filepath.Join("testdata", "logs", name+".log"))
	if err != nil {
		t.Fatal(err)
	}
	return log
}

func TestFindBlame(t *testing.T) {
	for name, want := range map[string]*blame{
		"null-check-5.10":           {insn: 8},
		"null-check-7":              {insn: 8},
		"subprogram-5.10":           {insn: 21},
		"subprogram-7":              {insn: 21},
		"ring-buffer-7":             {insn: 19},
		"load-acquire-6.1":          {insn: 3},
		"lazy-global-function-6.1":  {insn: 8},
		"void-global-function-6.12": {insn: 1},
		// The state at an instruction repeats itself, which is found out before the instruction is looked at again.
		"infinite-loop-5.10": {insn: 2},
		"infinite-loop-6.1":  {insn: 2},
		"infinite-loop-7":    {insn: 2},
		// Errors before the first instruction.
		"unreachable-6.12":     {insn: 2},
		"unreachable-7":        {insn: 2},
		"out-of-range-5.10":    {insn: 1},
		"out-of-range-7":       {insn: 1},
		"middle-of-load-6.1":   {insn: 2},
		"no-exit-7":            {insn: 2},
		"global-function-5.10": {function: "average_of"},
		// The second half of a load of 64 bits.
		"middle-of-load-5.10": {insn: 3},
		// Errors of a program as a whole, or of a map.
		"stack-of-functions-6.12": nil,
		"sleepable-maps-6.12":     nil,
		"no-exit-6.18":            nil,
		"byte-swap-6.1":           nil,
	} {
		got := findBlame(readLog(t, name), nil)
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("%s: %+v, want %+v", name, got, want)
		}
	}
}

func TestNothingIsBlamedForSize(t *testing.T) {
	const log = "7: (16) if w0 == 0x0 goto pc-5\nBPF program is too large. Processed 1000001 insn\n"
	if got := findBlame([]byte(log), nil); got != nil {
		t.Errorf("%+v", got)
	}
}

func TestLacksStates(t *testing.T) {
	for name, want := range map[string]bool{
		"null-check-5.10": true, "subprogram-5.10": true, "null-check-7": false, "load-acquire-6.1": false,
		"unreachable-6.12": false, "load-acquire-5.10": false,
	} {
		if got := lacksStates(errorWords(readLog(t, name))); got != want {
			t.Errorf("%s: %v", name, got)
		}
	}
}
