// Package efw drives eBPF for Windows: its verifier, its loaders and its tools. What only reads its answers is built on
// every platform, so that it can be tested there.
package efw

import (
	"regexp"
	"strconv"
	"strings"
)

// Verification is what ebpf_api_elf_verify_program_from_memory answered (include/ebpf_api.h of 1.5.0).
type Verification struct {
	// Rejected is a return value other than 0.
	Rejected bool
	// Report holds the verifier's findings, or "Verification succeeded".
	Report string
	// Error is "Verification failed" for a program that the verifier looked at to its end, else why it did not come to that.
	Error string
	Stats Stats
}

// Stats is ebpf_api_verifier_stats_t (include/ebpf_api.h of 1.5.0): three ints.
type Stats struct {
	Unreachable  int32
	Warnings     int32
	MaxLoopCount int32
}

// Class tells what an answer means.
type Class int

const (
	// Accepted means that the verifier accepts the program.
	Accepted Class = iota
	// Refused means that the verifier rejects the program, or could not make sense of it.
	Refused
	// NoType means that no extension has registered the program's type.
	NoType
	// NoHelper means that the program calls a helper that its type does not have.
	NoHelper
	// Unread means that the object was not understood, so that the verifier was not asked.
	Unread
)

// Verdict is what an answer means for one program.
type Verdict struct {
	Class Class
	// Reason is one line, in the verifier's own words; empty for an accepted program.
	Reason string
	// Insn is the instruction that Reason is about, as the verifier counts, or -1. A load of 64 bits counts as two.
	Insn int
}

// finding is how the verifier writes an error (print_error in PREVAIL's src/printing.cpp): where, and what. A place is
// an instruction, 12, the way to one, 12:15, or that in a function, 8/12; behind it may stand (counter).
var finding = regexp.MustCompile(`^(?:\S*/)?(\d+)(?::\d+)?(?: \(\w+\))?: (\S.*)$`)

// place is how errors that are found before the analysis end (cfg_builder.cpp): not implemented: … (at 12).
var place = regexp.MustCompile(` \(at (?:\S*/)?(\d+)(?::\d+)?\)$`)

// parseFailure is how instructions are refused that cannot be read (unmarshal.cpp): 12: bad instruction op 0x8d.
var parseFailure = regexp.MustCompile(`^parse failure: (?:(\d+): )?(.*)$`)

// unread are errors of the reader of objects, before any program was looked at (PREVAIL's src/io, libs/api/Verifier.cpp).
var unread = regexp.MustCompile(`(?i)is malformed|can't process ELF|no such program|no programs found|section not found|` +
	`program not found|ambiguous|BTF|relocation|unresolved|symbol|no executable sections|map descriptor|map type|` +
	`ELF section|failed to load eBPF program|local call target|subprogram not found|legacy map`)

// Judge reads an answer.
func (v Verification) Judge() Verdict {
	if !v.Rejected {
		return Verdict{Class: Accepted, Insn: -1}
	}
	for line := range strings.Lines(v.Report) {
		if match := finding.FindStringSubmatch(strings.TrimSpace(line)); match != nil {
			return Verdict{Class: Refused, Reason: match[2], Insn: number(match[1])}
		}
	}
	words := strings.Join(strings.Fields(strings.TrimPrefix(v.Error, "error: ")), " ")
	if match := parseFailure.FindStringSubmatch(words); match != nil {
		return Verdict{Class: Refused, Reason: match[2], Insn: number(match[1])}
	}
	verdict := Verdict{Class: Refused, Reason: words, Insn: -1}
	if match := place.FindStringSubmatch(words); match != nil {
		verdict.Insn = number(match[1])
		verdict.Reason = strings.TrimSuffix(words, match[0])
	}
	switch {
	case strings.Contains(words, "Unspecified program type") || strings.Contains(words, "ProgramType not found"):
		verdict.Class = NoType
	case strings.Contains(words, "helper") && strings.Contains(words, "unavailable on this platform"):
		verdict.Class = NoHelper
	case unread.MatchString(words) && verdict.Insn < 0:
		verdict.Class = Unread
	}
	if verdict.Reason == "" {
		verdict.Reason = "the verifier gave no reason"
	}
	return verdict
}

func number(digits string) int {
	value, err := strconv.Atoi(digits)
	if err != nil {
		return -1
	}
	return value
}
