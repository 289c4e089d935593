package portability

import (
	"github.com/cilium/ebpf/asm"
)

// deepest is how far from its end a function's frame may be written to, in bytes (MAX_BPF_STACK of include/linux/filter.h).
const deepest = 512

// touch notes an access outside of a frame, or by an address that may be none.
func (f *flow) touch(index int, base value) {
	if base.kind == maybe {
		f.defects[index] = ofMaybe(base)
	}
	f.noteAccess(index, base)
	if base.kind != frame {
		return
	}
	at := base.bits + int64(f.insns[index].Offset)
	f.deepen(index, int(min(max(-at, 0), deepest)))
	if at < -deepest || at >= 0 {
		f.defects[index] = "memory outside of the stack of 512 bytes"
	}
}

func (f *flow) store(index int, state *registers) {
	insn := &f.insns[index]
	base := state[insn.Dst]
	f.touch(index, base)
	if base.kind == readonly {
		f.defects[index] = "a write to a constant"
	}
	if insn.OpCode.Class() == asm.StXClass && insn.OpCode.Mode() == asm.AtomicMode {
		// What was there comes back in a register.
		state[insn.Src], state[asm.R0] = value{}, value{}
	}
}

// arithmetic carries out what is simple, and forgets the rest.
func (f *flow) arithmetic(index int, state *registers) {
	insn := &f.insns[index]
	operand := value{kind: constant, bits: insn.Constant}
	if insn.OpCode.Source() == asm.RegSource && insn.OpCode.ALUOp() != asm.Swap {
		operand = state[insn.Src]
	} else if bits, found := f.values[index]; found {
		operand.bits = bits
	} else if f.open[index] {
		operand = value{}
	}
	if divides(insn) && operand.kind == constant && operand.bits == 0 && insn.OpCode.Source() == asm.ImmSource {
		f.defects[index] = "a division by the constant 0"
	}
	state[insn.Dst] = compute(insn, state[insn.Dst], operand)
}

func divides(insn *asm.Instruction) bool {
	switch insn.OpCode.ALUOp() {
	case asm.Div, asm.Mod, asm.SDiv, asm.SMod:
		return true
	}
	return false
}

func compute(insn *asm.Instruction, before, operand value) value {
	operation := insn.OpCode.ALUOp()
	narrow := insn.OpCode.Class() == asm.ALUClass
	if operation == asm.Mov && insn.Offset == 0 {
		if narrow && operand.kind != constant {
			return value{}
		}
		return cut(operand, narrow)
	}
	if operand.kind != constant || narrow && before.kind != constant {
		return value{}
	}
	if before.kind == frame || before.kind == readonly || before.kind == context {
		switch operation {
		case asm.Add:
			before.bits += operand.bits
			return before
		case asm.Sub:
			before.bits -= operand.bits
			return before
		}
		return value{}
	}
	if before.kind != constant {
		if operation == asm.And && operand.bits == 0 {
			return value{kind: constant}
		}
		return value{}
	}
	return calculate(operation, before.bits, operand.bits, narrow)
}

func calculate(operation asm.ALUOp, left, right int64, narrow bool) value {
	if narrow {
		left, right = int64(uint32(left)), int64(uint32(right))
	}
	width := uint64(63)
	if narrow {
		width = 31
	}
	result := value{kind: constant}
	switch operation {
	case asm.Add:
		result.bits = left + right
	case asm.Sub:
		result.bits = left - right
	case asm.Mul:
		result.bits = left * right
	case asm.And:
		result.bits = left & right
	case asm.Or:
		result.bits = left | right
	case asm.Xor:
		result.bits = left ^ right
	case asm.LSh:
		result.bits = left << (uint64(right) & width)
	case asm.RSh:
		result.bits = int64(uint64(left) >> (uint64(right) & width))
	case asm.ArSh:
		if narrow {
			result.bits = int64(int32(left) >> (uint64(right) & width))
		} else {
			result.bits = left >> (uint64(right) & width)
		}
	case asm.Neg:
		result.bits = -left
	default:
		return value{}
	}
	return cut(result, narrow)
}

// cut leaves the lower half of a number, as instructions of 32 bits do.
func cut(v value, narrow bool) value {
	if narrow && v.kind == constant {
		v.bits = int64(uint32(v.bits))
	}
	return v
}

func compare(opcode asm.OpCode, left, right int64) (holds, known bool) {
	if opcode.Class() == asm.Jump32Class {
		left, right = int64(int32(left)), int64(int32(right))
	}
	a, b := uint64(left), uint64(right)
	if opcode.Class() == asm.Jump32Class {
		a, b = uint64(uint32(left)), uint64(uint32(right))
	}
	switch opcode.JumpOp() {
	case asm.JEq:
		return a == b, true
	case asm.JNE:
		return a != b, true
	case asm.JGT:
		return a > b, true
	case asm.JGE:
		return a >= b, true
	case asm.JLT:
		return a < b, true
	case asm.JLE:
		return a <= b, true
	case asm.JSGT:
		return left > right, true
	case asm.JSGE:
		return left >= right, true
	case asm.JSLT:
		return left < right, true
	case asm.JSLE:
		return left <= right, true
	case asm.JSet:
		return a&b != 0, true
	}
	return false, false
}
