package names

import "slices"

// Windows is what cilium/ebpf and Go call eBPF for Windows; Linux likewise.
const (
	Linux   = "linux"
	Windows = "windows"
)

// platformShift is where cilium/ebpf keeps the platform of a value, 0 for Linux and 1 for Windows
// (internal/platform/constants.go).
const platformShift = 28

// decode tells which platform a value of cilium/ebpf belongs to, and what it is there.
func decode(value uint32) (number uint32, isWindows bool) {
	return value &^ (7 << platformShift), value>>platformShift&7 == 1
}

// windowsProgramTypes is enum bpf_prog_type of eBPF for Windows (include/ebpf_structs.h of 1.5.0), with Linux's names
// for what both have.
var windowsProgramTypes = map[uint32]string{
	0:   "unspec",
	1:   "xdp",
	2:   "bind",
	3:   "cgroup_sock_addr",
	4:   "sock_ops",
	5:   "netevent",
	6:   "process",
	998: "xdp_test",
	999: "sample",
}

// windowsMapTypes is enum bpf_map_type of eBPF for Windows (include/ebpf_structs.h of 1.5.0).
var windowsMapTypes = map[uint32]string{
	0:  "unspec",
	1:  "hash",
	2:  "array",
	3:  "prog_array",
	4:  "percpu_hash",
	5:  "percpu_array",
	6:  "hash_of_maps",
	7:  "array_of_maps",
	8:  "lru_hash",
	9:  "lpm_trie",
	10: "queue",
	11: "lru_percpu_hash",
	12: "stack",
	13: "ringbuf",
	14: "perf_event_array",
	15: "sample_hash_map",
	16: "xskmap",
}

// windowsAttachTypes is enum bpf_attach_type of eBPF for Windows (include/ebpf_structs.h of 1.5.0).
var windowsAttachTypes = map[uint32]string{
	0:  "",
	1:  "xdp",
	2:  "bind",
	3:  "cgroup_inet4_connect",
	4:  "cgroup_inet6_connect",
	5:  "cgroup_inet4_recv_accept",
	6:  "cgroup_inet6_recv_accept",
	7:  "cgroup_sock_ops",
	8:  "sample",
	10: "netevent",
	11: "process",
	12: "cgroup_inet4_connect_authorization",
	13: "cgroup_inet6_connect_authorization",
	14: "cgroup_inet4_bind",
	15: "cgroup_inet6_bind",
	16: "cgroup_inet4_listen",
	17: "cgroup_inet6_listen",
}

// windowsHelpers are those of ebpf_helper_id_t (include/ebpf_structs.h of 1.5.0) that cilium/ebpf has no name for.
var windowsHelpers = map[uint32]string{
	35: "bpf_redirect_map",
}

// windowsResults is ebpf_result_t (include/ebpf_result.h of 1.5.0) by number.
var windowsResults = [...]string{
	0:  "EBPF_SUCCESS",
	1:  "EBPF_VERIFICATION_FAILED",
	2:  "EBPF_JIT_COMPILATION_FAILED",
	3:  "EBPF_PROGRAM_LOAD_FAILED",
	4:  "EBPF_INVALID_FD",
	5:  "EBPF_INVALID_OBJECT",
	6:  "EBPF_INVALID_ARGUMENT",
	7:  "EBPF_OBJECT_NOT_FOUND",
	8:  "EBPF_OBJECT_ALREADY_EXISTS",
	9:  "EBPF_FILE_NOT_FOUND",
	10: "EBPF_ALREADY_PINNED",
	11: "EBPF_NOT_PINNED",
	12: "EBPF_NO_MEMORY",
	13: "EBPF_PROGRAM_TOO_LARGE",
	14: "EBPF_RPC_EXCEPTION",
	15: "EBPF_ALREADY_INITIALIZED",
	16: "EBPF_ELF_PARSING_FAILED",
	17: "EBPF_FAILED",
	18: "EBPF_OPERATION_NOT_SUPPORTED",
	19: "EBPF_KEY_NOT_FOUND",
	20: "EBPF_ACCESS_DENIED",
	21: "EBPF_BLOCKED_BY_POLICY",
	22: "EBPF_ARITHMETIC_OVERFLOW",
	23: "EBPF_EXTENSION_FAILED_TO_LOAD",
	24: "EBPF_INSUFFICIENT_BUFFER",
	25: "EBPF_NO_MORE_KEYS",
	26: "EBPF_KEY_ALREADY_EXISTS",
	27: "EBPF_NO_MORE_TAIL_CALLS",
	28: "EBPF_PENDING",
	29: "EBPF_OUT_OF_SPACE",
	30: "EBPF_CANCELED",
	31: "EBPF_INVALID_POINTER",
	32: "EBPF_TIMEOUT",
	33: "EBPF_STALE_ID",
	34: "EBPF_INVALID_STATE",
}

// IsWindowsResult tells whether a text is the name of an ebpf_result_t.
func IsWindowsResult(text string) bool {
	for _, name := range windowsResults {
		if name == text {
			return true
		}
	}
	return false
}

// MapTypeOnLinux returns the number that a type of maps has on Linux, by that on Windows; false for one that Linux has not.
func MapTypeOnLinux(windows uint32) (uint32, bool) {
	name, known := windowsMapTypes[windows]
	at := slices.Index(mapTypes[:], name)
	return uint32(max(0, at)), known && at >= 0
}

// MapTypeOnWindows is the other way round.
func MapTypeOnWindows(linux uint32) (uint32, bool) {
	if linux >= uint32(len(mapTypes)) {
		return 0, false
	}
	for number, name := range windowsMapTypes {
		if name == mapTypes[linux] {
			return number, true
		}
	}
	return 0, false
}
