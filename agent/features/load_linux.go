package features

import (
	"bytes"
	"errors"
	"runtime"
	"unsafe"

	"github.com/cilium/ebpf/asm"
	"golang.org/x/sys/unix"
)

// loadAttr is the part of union bpf_attr that a probe needs of BPF_PROG_LOAD (include/uapi/linux/bpf.h). A kernel that
// knows less of it accepts the rest as long as it is zero.
type loadAttr struct {
	progType           uint32
	insnCnt            uint32
	insns              uint64
	license            uint64
	logLevel           uint32
	logSize            uint32
	logBuf             uint64
	kernVersion        uint32
	progFlags          uint32
	progName           [16]byte
	progIfindex        uint32
	expectedAttachType uint32
	progBtfFd          uint32
	funcInfoRecSize    uint32
	funcInfo           uint64
	funcInfoCnt        uint32
	lineInfoRecSize    uint32
	lineInfo           uint64
	lineInfoCnt        uint32
	attachBtfID        uint32
	attachProgFd       uint32
}

// instruction is struct bpf_insn, on a little-endian machine.
type instruction struct {
	code   uint8
	regs   uint8
	offset int16
	imm    int32
}

// logSize is enough for the last words of a probe, which is never longer than a few instructions.
const logSize = 8192

// prober loads small programs, all through the same memory.
type prober struct {
	log     []byte
	license []byte
}

func newProber() *prober {
	return &prober{log: make([]byte, logSize), license: []byte("GPL\x00")}
}

// answer is what a kernel said of a small program.
type answer struct {
	errno unix.Errno
	log   []byte // valid until the next load
}

func (a answer) says(words ...string) bool {
	for _, word := range words {
		if bytes.Contains(a.log, []byte(word)) {
			return true
		}
	}
	return false
}

// attempt is a program to load, of one kind.
type attempt struct {
	kind  kind
	insns []instruction
	// free of what the verifier says, so that it need not write it
	silent bool
}

// load asks the kernel for one program and closes it again.
func (p *prober) load(a attempt) answer {
	attr := loadAttr{
		progType:           uint32(a.kind.program),
		insnCnt:            uint32(len(a.insns)),
		insns:              uint64(uintptr(unsafe.Pointer(unsafe.SliceData(a.insns)))),
		license:            uint64(uintptr(unsafe.Pointer(&p.license[0]))),
		progFlags:          a.kind.flags,
		expectedAttachType: uint32(a.kind.expected),
		attachBtfID:        a.kind.attachID,
		attachProgFd:       a.kind.attachProg,
	}
	p.log[0] = 0
	if !a.silent {
		attr.logLevel, attr.logSize = 1, logSize
		attr.logBuf = uint64(uintptr(unsafe.Pointer(&p.log[0])))
	}
	errno := p.call(&attr)
	runtime.KeepAlive(a.insns)
	end := max(0, bytes.IndexByte(p.log, 0))
	return answer{errno: errno, log: p.log[:end]}
}

func (p *prober) call(attr *loadAttr) unix.Errno {
	for {
		fd, _, errno := unix.Syscall(unix.SYS_BPF, unix.BPF_PROG_LOAD, uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr))
		if errno == 0 {
			_ = unix.Close(int(fd))
			return 0
		}
		// The verifier gives up when a signal is pending.
		if !errors.Is(errno, unix.EAGAIN) {
			return errno
		}
	}
}

// code makes instructions of those of the library.
func code(list asm.Instructions) []instruction {
	var insns []instruction
	for i := range list {
		insns = append(insns, raw(list[i])...)
	}
	return insns
}

func raw(one asm.Instruction) []instruction {
	first := instruction{
		code: uint8(one.OpCode), regs: uint8(one.Dst) | uint8(one.Src)<<4, offset: one.Offset, imm: int32(one.Constant),
	}
	if one.OpCode.IsDWordLoad() {
		return []instruction{first, {imm: int32(one.Constant >> 32)}}
	}
	return []instruction{first}
}
