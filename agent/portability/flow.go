package portability

import (
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// What is known of a register's value at one place of a program.
type valueKind uint8

const (
	unknown  valueKind = iota
	constant           // bits
	frame              // bits is the offset from the frame's end
	readonly           // bits is the offset into a section of constants
	nonzero            // an address
	maybe              // the address that a call gave, or NULL; bits is the call's index
	context            // bits is the offset into what the program itself is given
	pointed            // bits is the index of the instruction that loaded it: an argument, or a member behind one
)

type value struct {
	kind valueKind
	bits int64
	// from is the map whose address it is, or the section that it lies in.
	from *origin
}

// origin is a map, or a section of constants with its contents.
type origin struct {
	mapType ebpf.MapType
	data    []byte
}

// registers are r0 to r10, and what a damaged instruction may name.
type registers [16]value

// flow follows a program's code as far as constants decide its branches. Code that they keep out is not looked at by the
// verifier either: that is how programs guard what only some kernels have.
type flow struct {
	*code
	// values are what relocations and weak symbols give to instructions, by index; others have their own.
	values map[int]int64
	// open are indices of instructions whose constant is not known.
	open map[int]bool
	// version holds LINUX_KERNEL_VERSION; nil where it is not known.
	version *origin

	states  []registers
	reached []bool
	work    []int
	defects map[int]string
	// depths are how much of its frame each function uses, by the index that it starts at.
	depths map[int]int
	// accesses are the instructions that read or write the context.
	accesses map[int]access
	// members are the instructions that read behind a pointer of the kernel's, with the one that loaded it.
	members map[int]int
	// returns are the constants that the program itself may return, with an instruction that does.
	returns map[int64]int
}

// follow finds what is reached, with the given constants, and on a kernel of the given version or on any.
func (c *code) follow(values map[int]int64, open map[int]bool, version []byte) *flow {
	f := &flow{
		code: c, values: values, open: open,
		states: make([]registers, len(c.insns)), reached: make([]bool, len(c.insns)),
		defects: map[int]string{}, depths: map[int]int{}, accesses: map[int]access{}, members: map[int]int{}, returns: map[int64]int{},
	}
	if version != nil {
		f.version = &origin{data: version}
	}
	f.enter(0, &registers{1: {kind: context}, 10: {kind: frame}})
	for len(f.work) > 0 {
		index := f.work[len(f.work)-1]
		f.work = f.work[:len(f.work)-1]
		f.step(index, f.states[index])
	}
	return f
}

// enter joins a state with what is known of a place already.
func (f *flow) enter(index int, state *registers) {
	if index < 0 || index >= len(f.insns) {
		return
	}
	if !f.reached[index] {
		f.reached[index] = true
		f.states[index] = *state
		f.work = append(f.work, index)
		return
	}
	known, changed := &f.states[index], false
	for i := range known {
		if known[i].kind != unknown && known[i] != state[i] {
			known[i], changed = value{}, true
		}
	}
	if changed {
		f.work = append(f.work, index)
	}
}

// step carries out one instruction, and enters what may come behind it.
func (f *flow) step(index int, state registers) {
	insn := &f.insns[index]
	opcode := insn.OpCode
	switch class := opcode.Class(); {
	case class.IsJump():
		f.jump(index, state)
		return
	case class.IsALU():
		f.arithmetic(index, &state)
	case insn.OpCode.IsDWordLoad():
		state[insn.Dst] = f.loaded(index)
	case class == asm.LdXClass:
		f.touch(index, state[insn.Src])
		state[insn.Dst] = f.read(index, state[insn.Src])
	case class == asm.StClass, class == asm.StXClass:
		f.store(index, &state)
	case class == asm.LdClass:
		state[asm.R0] = value{}
	}
	f.enter(index+1, &state)
}

func (f *flow) jump(index int, state registers) {
	insn := &f.insns[index]
	switch operation := insn.OpCode.JumpOp(); operation {
	case asm.Exit:
		if result := state[asm.R0]; f.owners[index] == 0 && result.kind == constant {
			f.returns[result.bits] = index
		}
	case asm.Call:
		f.call(index, state)
	case asm.Ja:
		distance := int(insn.Offset)
		if insn.OpCode.Class() == asm.Jump32Class {
			distance = int(insn.Constant)
		}
		f.enter(f.target(index, distance), &state)
	default:
		taken, fall := f.decide(insn, index, state)
		whenTaken, whenNot := checkNull(insn, state)
		if taken {
			f.enter(f.target(index, int(insn.Offset)), &whenTaken)
		}
		if fall {
			f.enter(index+1, &whenNot)
		}
	}
}

func (f *flow) target(index, distance int) int {
	slot := f.slots[index] + 1 + distance
	if slot < 0 || slot >= len(f.at) {
		return -1
	}
	return f.at[slot]
}

func (f *flow) call(index int, state registers) {
	insn := &f.insns[index]
	if insn.IsFunctionCall() {
		if start, found := f.starts[insn.Reference()]; found {
			inner := registers{10: {kind: frame}}
			global := btf.FuncMetadata(&f.insns[start])
			for register := asm.R1; register <= asm.R5; register++ {
				// A global function is verified by itself, whatever it is given.
				if global != nil && global.Linkage == btf.GlobalFunc {
					break
				}
				switch state[register].kind {
				case constant, readonly, context, pointed:
					inner[register] = state[register]
				}
			}
			f.enter(start, &inner)
		}
	}
	result := f.result(index, &state)
	for register := asm.R1; register <= asm.R5; register++ {
		f.use(index, state[register])
		state[register] = value{}
	}
	state[asm.R0] = result
	f.enter(index+1, &state)
}

// decide says which ways of a branch may be taken.
func (f *flow) decide(insn *asm.Instruction, index int, state registers) (taken, fall bool) {
	left := state[insn.Dst]
	right := value{kind: constant, bits: insn.Constant}
	if insn.OpCode.Source() == asm.RegSource {
		right = state[insn.Src]
	} else if bits, found := f.values[index]; found {
		right.bits = bits
	} else if f.open[index] {
		right = value{}
	}
	if left.kind == nonzero && right.kind == constant && right.bits == 0 {
		left = value{kind: constant, bits: 1}
	}
	if left.kind != constant || right.kind != constant {
		return true, true
	}
	holds, known := compare(insn.OpCode, left.bits, right.bits)
	if !known {
		return true, true
	}
	return holds, !holds
}

// loaded is what an instruction of two words loads: a number, an address, or a place in a section.
func (f *flow) loaded(index int) value {
	insn := &f.insns[index]
	if bits, found := f.values[index]; found {
		return value{kind: constant, bits: bits}
	}
	if f.open[index] {
		return value{}
	}
	if insn.IsLoadOfFunctionPointer() {
		// What is called back is verified too.
		if start, found := f.starts[insn.Reference()]; found {
			f.enter(start, &registers{10: {kind: frame}})
		}
		return value{kind: nonzero}
	}
	if f.version != nil && f.object.loadsVersion(insn) {
		return value{kind: readonly, from: f.version}
	}
	from := f.object.origins[insn.Reference()]
	if from != nil && from.data != nil && insn.Src == asm.PseudoMapValue {
		return value{kind: readonly, bits: int64(uint64(insn.Constant) >> 32), from: from}
	}
	if insn.IsLoadFromMap() {
		return value{kind: nonzero, from: from}
	}
	if insn.Src != 0 || insn.Reference() != "" {
		return value{}
	}
	return value{kind: constant, bits: insn.Constant}
}

// read is what a load gives: a constant, or an address that the kernel's types tell more of.
func (f *flow) read(index int, from value) value {
	whole := f.insns[index].OpCode.Size() == asm.DWord
	if whole && (from.kind == context || from.kind == pointed) {
		return value{kind: pointed, bits: int64(index)}
	}
	return readConstant(&f.insns[index], from)
}

// readConstant reads from a section of constants, whose contents the verifier knows.
func readConstant(insn *asm.Instruction, from value) value {
	mode := insn.OpCode.Mode()
	size := int64(insn.OpCode.Size().Sizeof())
	at := from.bits + int64(insn.Offset)
	if from.kind != readonly || at < 0 || at+size > int64(len(from.from.data)) || (mode != asm.MemMode && mode != asm.MemSXMode) {
		return value{}
	}
	var bits uint64
	for i := range size {
		bits |= uint64(from.from.data[at+i]) << (8 * i)
	}
	if mode == asm.MemSXMode {
		shift := 64 - 8*size
		return value{kind: constant, bits: int64(bits<<shift) >> shift}
	}
	return value{kind: constant, bits: int64(bits)}
}
