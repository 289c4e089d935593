package loader

import (
	"regexp"
	"strconv"
	"strings"
)

// blame is what a log holds against a program: an instruction, or a function as a whole.
type blame struct {
	// insn is the instruction's number as the kernel counts: over the program with its subprograms, a load of 64 bits
	// as two.
	insn int
	// function is the name of a function whose signature is at fault; else "".
	function string
}

// Lines of logs, from kernel/bpf/verifier.c, cfg.c and diagnostics.c.
var (
	// verifiedInsn is an instruction as it is verified, `12: (85) call bpf_loop#181`, or one without a name, `3: BUG_db`.
	verifiedInsn = regexp.MustCompile(`^(\d+): (?:\([0-9a-f]{2}\) |BUG_)`)
	// namedInsn is an error that gives the instruction itself, as the verifier was not at it.
	namedInsn = regexp.MustCompile(`^(?:unreachable insn|infinite loop detected at insn|jump into the middle of ldimm64 insn) (\d+)$|` +
		`^(?:jump out of range|back-edge) from insn (\d+) to -?\d+$`)
	// markedInsn is the instruction that a report of 7.3 or later is about.
	markedInsn = regexp.MustCompile(`^ *>>> +(\d+) \| \([0-9a-f]{2}\) `)
	// validated begins the verification of a function whose callers are not looked at.
	validated = regexp.MustCompile(`^Validating (\S+)\(\) func#\d+\.\.\.$`)
)

// beyondLimit begins the error of a program that no single instruction makes too large.
const beyondLimit = "BPF program is too large. Processed "

// findBlame reads from the end of a log what the verifier rejected, or nil where it does not say so. The log must not be one of the
// most verbose kind, which keeps what came before the last function: there, the last instruction need not be the
// wrong one. The code is the program as it was loaded.
func findBlame(log []byte, code bytecode) *blame {
	text, report, _ := strings.Cut(string(log), explanation)
	if insn, found := reportedInsn(report); found {
		return &blame{insn: insn}
	}
	lines := strings.Split(text, "\n")
	last := -1
	for i, line := range lines {
		if verifiedInsn.MatchString(line) || validated.MatchString(line) {
			last = i
		}
	}
	for _, line := range lines[last+1:] {
		if match := namedInsn.FindStringSubmatch(line); match != nil {
			return &blame{insn: number(match[1] + match[2])}
		}
		if insn := code.rejectedFor(line); insn >= 0 {
			return &blame{insn: insn}
		}
		if strings.HasPrefix(line, beyondLimit) {
			return nil
		}
	}
	if last < 0 {
		return nil
	}
	if match := validated.FindStringSubmatch(lines[last]); match != nil {
		return &blame{function: match[1]}
	}
	return &blame{insn: number(verifiedInsn.FindStringSubmatch(lines[last])[1])}
}

// reportedInsn is the instruction marked in the section `At:` of a report.
func reportedInsn(report string) (insn int, found bool) {
	_, at, found := strings.Cut(report, "\nAt:\n")
	if !found {
		return 0, false
	}
	for line := range strings.Lines(at) {
		if !strings.HasPrefix(line, " ") {
			break
		}
		if match := markedInsn.FindStringSubmatch(line); match != nil {
			return number(match[1]), true
		}
	}
	return 0, false
}

// number reads digits that a pattern has matched.
func number(digits string) int {
	value, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return value
}

var (
	tracedInsn   = regexp.MustCompile(`(?m)^\d+: \([0-9a-f]{2}\) `)
	printedState = regexp.MustCompile(`(?m)^\d+: (?:\([0-9a-f]{2}\) .*; )?(?:frame\d+: )?R\d+(?:_\w+)?=`)
)

// lacksStates tells whether a log shows instructions, but not what they did to registers: kernels before 5.17 show
// that in their most verbose log alone.
func lacksStates(log []byte) bool { return tracedInsn.Match(log) && !printedState.Match(log) }
