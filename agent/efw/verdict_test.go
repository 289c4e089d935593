package efw

import "testing"

// The reports are written as PREVAIL v0.2.4 and libs/api/Verifier.cpp of eBPF for Windows 1.5.0 write them: none of them
// was recorded on Windows.
func TestWhatTheVerifierAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		answer Verification
		want   Verdict
	}{
		"accepted": {Verification{Report: "Verification succeeded"}, Verdict{Accepted, "", -1}},
		"out of bounds": {
			Verification{true, "\n; if (data[12] == 8)\n12: Upper bound must be at most packet_size (valid_access(r1.offset+12, width=2) for read)\n\n", "Verification failed", Stats{}},
			Verdict{Refused, "Upper bound must be at most packet_size (valid_access(r1.offset+12, width=2) for read)", 12},
		},
		"on a jump": {
			Verification{true, "7:9: Invalid type (r0.type == number)\n\n", "Verification failed", Stats{}},
			Verdict{Refused, "Invalid type (r0.type == number)", 7},
		},
		"in a function": {
			Verification{true, "3/18: Possible null access (valid_access(r0.offset, width=8) for read)\n", "Verification failed", Stats{}},
			Verdict{Refused, "Possible null access (valid_access(r0.offset, width=8) for read)", 18},
		},
		"a loop": {
			Verification{true, "4 (counter): Loop counter is too large (pc[4] < 100000)\n", "Verification failed", Stats{}},
			Verdict{Refused, "Loop counter is too large (pc[4] < 100000)", 4},
		},
		"a helper": {
			Verification{true, "", "error: not implemented: helper function is unavailable on this platform (at 5)", Stats{}},
			Verdict{NoHelper, "not implemented: helper function is unavailable on this platform", 5},
		},
		"an instruction": {
			Verification{true, "", "parse failure: 3: bad instruction op 0x8d\n", Stats{}},
			Verdict{Refused, "bad instruction op 0x8d", 3},
		},
		"a capability": {
			Verification{true, "", "error: rejected: requires conformance group packet (at 2)", Stats{}},
			Verdict{Refused, "rejected: requires conformance group packet", 2},
		},
		"recursion": {
			Verification{true, "", "error: 4: illegal recursion", Stats{}},
			Verdict{Refused, "4: illegal recursion", -1},
		},
		"a type":       {Verification{true, "", "error: Unspecified program type.", Stats{}}, Verdict{NoType, "Unspecified program type.", -1}},
		"no such type": {Verification{true, "", "error: ProgramType not found for GUID {1}", Stats{}}, Verdict{NoType, "ProgramType not found for GUID {1}", -1}},
		"an object":    {Verification{true, "", "error: ELF file memory is malformed: Failed parsing", Stats{}}, Verdict{Unread, "ELF file memory is malformed: Failed parsing", -1}},
		"a map":        {Verification{true, "", "error: Unsupported or invalid BTF map metadata: x", Stats{}}, Verdict{Unread, "Unsupported or invalid BTF map metadata: x", -1}},
		"nothing":      {Verification{Rejected: true}, Verdict{Refused, "the verifier gave no reason", -1}},
	} {
		if got := c.answer.Judge(); got != c.want {
			t.Errorf("%s: %+v, not %+v", name, got, c.want)
		}
	}
}
