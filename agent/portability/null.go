package portability

import (
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// result is what a helper's call gives: for some of them an address, or NULL.
func (f *flow) result(index int, state *registers) value {
	insn := &f.insns[index]
	if !insn.IsBuiltinCall() {
		return value{}
	}
	switch asm.BuiltinFunc(insn.Constant) {
	case asm.FnMapLookupElem:
		first := state[asm.R1]
		if first.kind == maybe {
			f.defects[index] = "a map that may be NULL: check it before it is used"
		}
		return f.lookedUp(index, first.from)
	case asm.FnRingbufReserve:
		return value{kind: maybe, bits: int64(index)}
	}
	return value{}
}

// lookedUp is what a lookup in a map gives. Of an array with a constant index, newer kernels know that there is a value.
func (f *flow) lookedUp(index int, from *origin) value {
	switch {
	case from == nil:
		return value{}
	case from.mapType == ebpf.Array, from.mapType == ebpf.PerCPUArray:
		return value{kind: maybe, bits: int64(index), from: from}
	}
	return value{kind: maybe, bits: int64(index)}
}

// ofMaybe names the use of an address that may be NULL.
func ofMaybe(base value) string {
	if base.from != nil {
		return "an entry of an array that may be NULL: check it before it is used"
	}
	return "an address that may be NULL: check it before it is used"
}

// checkNull is what a comparison with 0 tells of an address that may be NULL, and of its copies.
func checkNull(insn *asm.Instruction, state registers) (taken, not registers) {
	taken, not = state, state
	checked := state[insn.Dst]
	operation := insn.OpCode.JumpOp()
	isCheck := insn.OpCode.Source() == asm.ImmSource && insn.Constant == 0 && (operation == asm.JEq || operation == asm.JNE)
	if checked.kind != maybe || !isCheck {
		return taken, not
	}
	null, address := &taken, &not
	if operation == asm.JNE {
		null, address = &not, &taken
	}
	for i := range state {
		if state[i].kind == maybe && state[i].bits == checked.bits {
			null[i], address[i] = value{kind: constant}, value{kind: nonzero}
		}
	}
	return taken, not
}

// use notes a part of the frame that is given away.
func (f *flow) use(index int, argument value) {
	if argument.kind == frame && argument.bits < 0 {
		f.deepen(index, int(-argument.bits))
	}
}

func (f *flow) deepen(index, depth int) {
	owner := f.owners[index]
	f.depths[owner] = max(f.depths[owner], depth)
}
