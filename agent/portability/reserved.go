package portability

import (
	"encoding/binary"
	"fmt"

	"github.com/cilium/ebpf/asm"
)

// lastHelperBits are those of a helper's number that no helper has needed yet.
const lastHelperBits = 0xffff

// reserved says what no kernel takes of an instruction as it stands in the object, which the library may have lost; empty
// for nothing. The rules are those of check_alu_op and check_ld_imm in kernel/bpf/verifier.c. Values that some kernels
// take, as an offset of 1 for a signed division, are not among them.
func reserved(code []byte, order binary.ByteOrder) string {
	op := asm.OpCode(code[0])
	source, offset, constant := sourceRegister(code, order), int16(order.Uint16(code[2:])), int32(order.Uint32(code[4:]))
	used := false
	switch {
	case op.IsDWordLoad():
		second := code[asm.InstructionSize:]
		used = offset != 0 || order.Uint32(second) != 0
	case op == asm.OpCode(asm.JumpClass).SetJumpOp(asm.Call) && source == 0:
		if constant < 0 || constant > lastHelperBits {
			return fmt.Sprintf("helper number %d, which no kernel has", constant)
		}
	case op.Class().IsALU():
		used = reservedInArithmetic(op, source, offset, constant)
	}
	if used {
		return "an instruction with a value in its reserved fields"
	}
	return ""
}

func reservedInArithmetic(op asm.OpCode, source byte, offset int16, constant int32) bool {
	fromRegister := op.Source() == asm.RegSource
	unused := source != 0
	if fromRegister {
		unused = constant != 0
	}
	switch op.ALUOp() {
	case asm.Swap:
		return source != 0 || offset != 0
	case asm.Neg:
		return source != 0 || offset != 0 || constant != 0
	case asm.Mov:
		if fromRegister && offset == addressSpaceCast {
			return false // the address spaces are in the constant
		}
		return unused || offset != 0 && !(fromRegister && isExtension(offset))
	case asm.Div, asm.Mod:
		return unused || offset != 0 && offset != 1
	}
	return unused || offset != 0
}

// addressSpaceCast is the offset of a move between the address spaces of an arena.
const addressSpaceCast = 1

// isExtension tells of the offsets of a move that extends a sign.
func isExtension(offset int16) bool { return offset == 8 || offset == 16 || offset == 32 }

func sourceRegister(code []byte, order binary.ByteOrder) byte {
	if order == binary.BigEndian {
		return code[1] & 0xf
	}
	return code[1] >> 4
}
