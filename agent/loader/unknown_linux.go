package loader

import (
	"fmt"
	"math/bits"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"crossbpf/agent/names"
)

// programFlags are the names of BPF_PROG_LOAD's flags by bit.
var programFlags = []string{
	"BPF_F_STRICT_ALIGNMENT", "BPF_F_ANY_ALIGNMENT", "BPF_F_TEST_RND_HI32", "BPF_F_TEST_STATE_FREQ",
	"BPF_F_SLEEPABLE", "BPF_F_XDP_HAS_FRAGS", "BPF_F_XDP_DEV_BOUND_ONLY", "BPF_F_TEST_REG_INVARIANTS",
}

// firstAttachTypes are attach types that came with their program types, for those types that need one.
var firstAttachTypes = map[ebpf.ProgramType]ebpf.AttachType{
	ebpf.CGroupSock:     ebpf.AttachCGroupInetSockCreate,
	ebpf.CGroupSockAddr: ebpf.AttachCGroupInet4Bind,
	ebpf.CGroupSockopt:  ebpf.AttachCGroupGetsockopt,
	ebpf.LSM:            ebpf.AttachLSMMac,
	ebpf.Netfilter:      ebpf.AttachNetfilter,
	ebpf.SkLookup:       ebpf.AttachSkLookup,
}

// findUnknown says what a call holds that this kernel does not know, by leaving one thing out at a time until the
// verifier has something to say. It returns "" where that shows nothing.
func findUnknown(call *loadCall) string {
	for bit := range bits.Len32(call.attr.progFlags) {
		if call.attr.progFlags&(1<<bit) == 0 {
			continue
		}
		trial := *call
		trial.attr.progFlags &^= 1 << bit
		if reachesVerifier(&trial) {
			return "program flag " + flagName(programFlags, bit)
		}
	}
	programType := ebpf.ProgramType(call.attr.progType)
	attachType := ebpf.AttachType(call.attr.expectedAttachType)
	if first := firstAttachTypes[programType]; attachType != first {
		trial := *call
		trial.attr.expectedAttachType = uint32(first)
		if reachesVerifier(&trial) {
			return "attach type " + names.AttachType(attachType, programType)
		}
	}
	return ""
}

func reachesVerifier(call *loadCall) bool {
	fd, errno, log := call.performWithLog(levelStats, make([]byte, firstLog))
	if errno == 0 {
		unix.Close(fd)
	}
	return errno == 0 || len(log) > 0
}

func flagName(table []string, bit int) string {
	if bit < len(table) {
		return table[bit]
	}
	return fmt.Sprintf("1<<%d", bit)
}
