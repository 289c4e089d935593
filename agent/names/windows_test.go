package names

import (
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// The library's own names are the independent half here.
func TestWhatBothPlatformsHaveIsCalledTheSame(t *testing.T) {
	for windows, linux := range map[ebpf.MapType]ebpf.MapType{
		ebpf.WindowsHash: ebpf.Hash, ebpf.WindowsArray: ebpf.Array, ebpf.WindowsProgramArray: ebpf.ProgramArray,
		ebpf.WindowsPerCPUHash: ebpf.PerCPUHash, ebpf.WindowsPerCPUArray: ebpf.PerCPUArray,
		ebpf.WindowsHashOfMaps: ebpf.HashOfMaps, ebpf.WindowsArrayOfMaps: ebpf.ArrayOfMaps,
		ebpf.WindowsLRUHash: ebpf.LRUHash, ebpf.WindowsLPMTrie: ebpf.LPMTrie, ebpf.WindowsQueue: ebpf.Queue,
		ebpf.WindowsLRUCPUHash: ebpf.LRUCPUHash, ebpf.WindowsStack: ebpf.Stack, ebpf.WindowsRingBuf: ebpf.RingBuf,
	} {
		if MapType(windows) != MapType(linux) {
			t.Errorf("%s, but %s", MapType(windows), MapType(linux))
		}
	}
	for windows, linux := range map[ebpf.ProgramType]ebpf.ProgramType{
		ebpf.WindowsXDP: ebpf.XDP, ebpf.WindowsCGroupSockAddr: ebpf.CGroupSockAddr, ebpf.WindowsSockOps: ebpf.SockOps,
	} {
		if ProgramType(windows) != ProgramType(linux) {
			t.Errorf("%s, but %s", ProgramType(windows), ProgramType(linux))
		}
	}
	for windows, linux := range map[asm.BuiltinFunc]asm.BuiltinFunc{
		asm.WindowsFnTailCall: asm.FnTailCall, asm.WindowsFnKtimeGetBootNs: asm.FnKtimeGetBootNs,
		asm.WindowsFnGetPrandomU32: asm.FnGetPrandomU32, asm.WindowsFnPerfEventOutput: asm.FnPerfEventOutput,
	} {
		if Helper(windows) != Helper(linux) {
			t.Errorf("%s, but %s", Helper(windows), Helper(linux))
		}
	}
}

func TestWhatOnlyWindowsHas(t *testing.T) {
	if got := ProgramType(ebpf.WindowsBind); got != "bind" {
		t.Error(got)
	}
	if got := AttachType(ebpf.AttachWindowsCgroupInet4RecvAccept, ebpf.WindowsCGroupSockAddr); got != "cgroup_inet4_recv_accept" {
		t.Error(got)
	}
	if got := Helper(asm.WindowsFnMemcpyS); got != "bpf_memcpy_s" {
		t.Error(got)
	}
	if !IsWindowsResult("EBPF_KEY_NOT_FOUND") || IsWindowsResult("ENOENT") {
		t.Error("results by name")
	}
}
