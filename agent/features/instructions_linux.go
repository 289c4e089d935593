package features

import (
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// instructionProbe is a program of one feature of the instruction set. The names are those of package inspect.
type instructionProbe struct {
	name  string
	insns []instruction
	// beyond are words by which the verifier shows that it knows the instruction, though it rejects the program.
	beyond []string
}

var (
	setR0 = instruction{code: 0xb7}
	exit  = instruction{code: 0x95}
	// clearSlot is *(u64 *)(r10 - 8) = 0.
	clearSlot = instruction{code: 0x7a, regs: 10, offset: -8}
)

// probes are in the order of the versions that brought them; each names the commit.
func probes() []instructionProbe {
	return append(oldProbes(), []instructionProbe{
		// 5.12, 5ca419f2864a ("bpf: Add BPF_FETCH field / create atomic_fetch_add instruction"):
		// r0 = atomic_fetch_add((u64 *)(r10 - 8), r0)
		{name: "atomics", insns: []instruction{setR0, clearSlot, {code: 0xdb, regs: 10, offset: -8, imm: 0x01}, exit}},
		// 5.13, e6ac2450d6de ("bpf: Support bpf program calling kernel function"): function 0 is none.
		{name: "kfunc", insns: []instruction{{code: 0x85, regs: 2 << 4, imm: 1}, setR0, exit},
			beyond: []string{"calling kernel function", "kernel btf_id", "kernel function btf_id"}},
		// 5.13, 69c087ba6225 ("bpf: Add bpf_for_each_map_elem() helper"): r1 = address of a function
		{name: "callback", insns: []instruction{{code: 0x18, regs: 1 | 4<<4, imm: 3}, {}, setR0, exit, setR0, exit},
			beyond: []string{"missing btf func_info"}},
		{name: "cpu-v4", insns: cpuV4()},
		// 6.9, 011832b97b31 ("bpf: Introduce may_goto instruction")
		{name: "may_goto", insns: []instruction{setR0, {code: 0xe5, offset: 1}, setR0, exit}},
		// 6.9, 6082b6c328b5 ("bpf: Recognize addr_space_cast instruction in the verifier."): without an arena
		{name: "addr_space_cast", insns: []instruction{setR0, {code: 0xbf, offset: 1, imm: 1}, setR0, exit},
			beyond: []string{"associated arena"}},
		// 6.15, 880442305a39 ("bpf: Introduce load-acquire and store-release instructions")
		{name: "load-acquire", insns: []instruction{clearSlot, {code: 0xdb, regs: 10 << 4, offset: -8, imm: 0x100}, exit}},
		{name: "store-release", insns: []instruction{setR0, {code: 0xdb, regs: 10, offset: -8, imm: 0x110}, exit}},
		// 6.19, 493d9e0d6083 ("bpf, x86: add support for indirect jumps"): of a number
		{name: "indirect-goto", insns: []instruction{setR0, {code: 0x0d}, exit},
			beyond: []string{"PTR_TO_INSN", "jump table", "jump tables"}},
	}...)
}

// oldProbes are of what all kernels from 5.3 on have.
func oldProbes() []instructionProbe {
	return []instructionProbe{
		// ld_abs with the context in r6
		{name: "packet-load", insns: []instruction{{code: 0xbf, regs: 6 | 1<<4}, {code: 0x30}, exit}},
		// 4.16, cc8b0b92a169 ("bpf: introduce function calls (function boundaries)")
		{name: "bpf-to-bpf-call", insns: []instruction{{code: 0x85, regs: 1 << 4, imm: 1}, exit, setR0, exit}},
		// 5.1, 092ed0968bb6 ("bpf: verifier support JMP32")
		{name: "jmp32", insns: []instruction{setR0, {code: 0xa6, offset: 1}, setR0, exit}},
	}
}

// cpuV4 has each of the instructions that 6.6 brought together: 1f9a1ea821ff, 8100928c8814, 0845c3db7bf5, ec0e2da95f72,
// 4cd58e9af8b9.
func cpuV4() []instruction {
	return []instruction{
		clearSlot,
		{code: 0x91, regs: 10 << 4, offset: -8}, // r0 = *(s8 *)(r10 - 8)
		{code: 0xbf, regs: 0, offset: 8},        // r0 = (s8)r0
		{code: 0xd7, imm: 16},                   // r0 = bswap16 r0
		{code: 0x37, offset: 1, imm: 3},         // r0 s/= 3
		{code: 0x06},                            // gotol +0
		setR0, exit,
	}
}

func (s *survey) instructions() []string {
	list := []string{}
	for _, probe := range probes() {
		said := s.load(attempt{kind: kind{program: ebpf.SocketFilter}, insns: probe.insns})
		if said.errno == 0 || said.says(probe.beyond...) {
			list = append(list, probe.name)
		}
	}
	return list
}

// hasLoop tries a loop that the verifier follows to its end (5.3, 2589726d12a1, "bpf: introduce bounded loops").
func (s *survey) hasLoop() bool {
	insns := code(asm.Instructions{asm.Mov.Imm(asm.R0, 10), asm.Sub.Imm(asm.R0, 1)})
	insns = append(insns, instruction{code: 0x55, offset: -2}, exit)
	return s.accepts(insns)
}

func (s *survey) accepts(insns []instruction) bool {
	return s.load(attempt{kind: kind{program: ebpf.SocketFilter}, insns: insns}).errno == 0
}
