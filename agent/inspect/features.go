package inspect

import "github.com/cilium/ebpf/asm"

// What an instruction by itself shows of the kernel that a program needs (Documentation/bpf/standardization in the
// kernel's tree, and the versions in which the verifier came to accept each).
const (
	featureBPFCall      = "bpf-to-bpf-call" // 4.16
	featureJump32       = "jmp32"           // cpu v3, 5.1
	featureAtomics      = "atomics"         // fetch, exchange, and other than add: 5.12
	featureCallback     = "callback"        // a function's address as a helper's argument: 5.13
	featureCPUv4        = "cpu-v4"          // signed division, moves and loads with sign, bswap, gotol: 6.6
	featureMayGoto      = "may_goto"        // 6.9
	featureAddrSpace    = "addr_space_cast" // arena: 6.9
	featureLoadAcquire  = "load-acquire"    // 6.15
	featureStoreRelease = "store-release"   // 6.15
	featureLegacyPacket = "packet-load"     // ld_abs and ld_ind of classic BPF
	featureKfunc        = "kfunc"           // 5.13
	featureIndirectJump = "indirect-goto"   // gotox: 6.19
	opcodeGotox         = asm.OpCode(0x0d)  // BPF_JMP | BPF_JA | BPF_X
	offsetAddrSpace     = 1                 // of a move: BPF_ADDR_SPACE_CAST
	opcodeGotol         = asm.OpCode(0x06)  // BPF_JMP32 | BPF_JA
)

// featureOf names the feature that an instruction needs, or gives "".
func featureOf(instruction *asm.Instruction) string {
	opcode := instruction.OpCode
	switch class := opcode.Class(); {
	case class.IsJump():
		return jumpFeature(instruction)
	case class.IsALU():
		return arithmeticFeature(instruction)
	case class == asm.LdXClass && opcode.Mode() == asm.MemSXMode:
		return featureCPUv4
	case class == asm.LdClass && (opcode.Mode() == asm.AbsMode || opcode.Mode() == asm.IndMode):
		return featureLegacyPacket
	case instruction.IsLoadOfFunctionPointer():
		return featureCallback
	case class == asm.StXClass && opcode.Mode() == asm.AtomicMode:
		return atomicFeature(opcode.AtomicOp())
	}
	return ""
}

func jumpFeature(instruction *asm.Instruction) string {
	switch opcode := instruction.OpCode; {
	case instruction.IsKfuncCall():
		return featureKfunc
	case instruction.IsFunctionCall():
		return featureBPFCall
	case opcode.JumpOp() == asm.JCOND:
		return featureMayGoto
	case opcode == opcodeGotol:
		return featureCPUv4
	case opcode == opcodeGotox:
		return featureIndirectJump
	case opcode.Class() == asm.Jump32Class:
		return featureJump32
	}
	return ""
}

func arithmeticFeature(instruction *asm.Instruction) string {
	opcode := instruction.OpCode
	switch opcode.ALUOp() {
	case asm.SDiv, asm.SMod, asm.MovSX8, asm.MovSX16, asm.MovSX32:
		return featureCPUv4
	case asm.Swap:
		if opcode.Class() == asm.ALU64Class {
			return featureCPUv4
		}
	case asm.Mov:
		if instruction.Offset == offsetAddrSpace {
			return featureAddrSpace
		}
	}
	return ""
}

func atomicFeature(operation asm.AtomicOp) string {
	switch operation {
	case asm.AddAtomic:
		return "" // as old as BPF
	case asm.LoadAcquire(0, 0, asm.Word, 0).OpCode.AtomicOp():
		return featureLoadAcquire
	case asm.StoreRelease(0, 0, asm.Word, 0).OpCode.AtomicOp():
		return featureStoreRelease
	}
	return featureAtomics
}
