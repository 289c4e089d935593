package features

import (
	"bytes"
	"unsafe"

	"github.com/cilium/ebpf/asm"
	"golang.org/x/sys/unix"

	"crossbpf/agent/loader"
)

// instruction is struct bpf_insn, on a little-endian machine.
type instruction struct {
	code   uint8
	regs   uint8
	offset int16
	imm    int32
}

// logSize is enough for the last words of a probe, which is never longer than a few instructions.
const logSize = 8192

// prober loads small programs, all with the same memory for what the verifier says.
type prober struct {
	log []byte
}

func newProber() *prober { return &prober{log: make([]byte, logSize)} }

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
	program := loader.SmallProgram{
		Type: uint32(a.kind.program), ExpectedAttach: uint32(a.kind.expected), Flags: a.kind.flags,
		AttachID: a.kind.attachID, AttachProgram: a.kind.attachProg, Code: bytesOf(a.insns),
	}
	log := p.log
	if a.silent {
		log = nil
	}
	errno, said := program.Load(log)
	return answer{errno: errno, log: said}
}

func bytesOf(insns []instruction) []byte {
	size := len(insns) * int(unsafe.Sizeof(instruction{}))
	return unsafe.Slice((*byte)(unsafe.Pointer(unsafe.SliceData(insns))), size)
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
