package loader

import (
	"encoding/binary"
	"iter"
	"regexp"
	"slices"
	"strconv"
)

// bytecode is a program as it was loaded, its subprograms behind it.
type bytecode []byte

// Parts of an instruction's first byte, and what its source register may say (include/uapi/linux/bpf.h).
const (
	insnSize = 8

	classMask = 0x07
	classLDX  = 0x01
	classSTX  = 0x03
	modeMask  = 0xe0
	modeMem   = 0x60
	modeXadd  = 0xc0

	opLoad64 = 0x18
	opCall   = 0x85
	opExit   = 0x95
	opJump   = 0x05
	opJump32 = 0x06

	pseudoCall, pseudoKfuncCall, pseudoFunc = 1, 2, 4
)

type rawInsn []byte

func (i rawInsn) op() byte { return i[0] }

func (i rawInsn) immediate() int { return int(int32(binary.NativeEndian.Uint32(i[4:]))) }

// source is in the half of the second byte that the byte order makes the second of two bitfields.
func (i rawInsn) source() byte {
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return i[1] >> 4
	}
	return i[1] & 0x0f
}

// isPlain tells a load or a store of the kinds that every kernel knows.
func (i rawInsn) isPlain() bool { return i.op()&modeMask == modeMem && i.immediate() == 0 }

// isOldAtomic tells the one atomic operation of kernels before 5.12, an addition that does not fetch.
func (i rawInsn) isOldAtomic() bool { return i.op()&modeMask == modeXadd && i.immediate() == 0 }

// all gives each instruction with its number, of which a load of 64 bits takes two.
func (b bytecode) all() iter.Seq2[int, rawInsn] {
	return func(yield func(int, rawInsn) bool) {
		for i := 0; i < b.count(); i++ {
			one := b.at(i)
			if !yield(i, one) {
				return
			}
			if one.op() == opLoad64 {
				i++
			}
		}
	}
}

func (b bytecode) count() int { return len(b) / insnSize }

func (b bytecode) at(i int) rawInsn { return rawInsn(b[i*insnSize : (i+1)*insnSize]) }

var unknownOp = regexp.MustCompile(`^unknown opcode ([0-9a-f]{2})$`)

// rejectedFor finds the instruction that an error is about which does not say so, as the verifier had not begun with
// the instructions (resolve_pseudo_ldimm64 and check_subprogs in kernel/bpf/verifier.c). It returns -1 for none.
func (b bytecode) rejectedFor(message string) int {
	switch {
	case message == "last insn is not an exit or jmp":
		return b.endOfOpenFunction()
	case message == "BPF_LDX uses reserved fields":
		return b.firstOfOneMode(func(i rawInsn) bool { return i.op()&classMask == classLDX && !i.isPlain() })
	case message == "BPF_STX uses reserved fields":
		return b.firstOfOneMode(func(i rawInsn) bool {
			return i.op()&classMask == classSTX && !i.isPlain() && !i.isOldAtomic()
		})
	case unknownOp.MatchString(message):
		op, _ := strconv.ParseUint(unknownOp.FindStringSubmatch(message)[1], 16, 8)
		return b.firstOfOneMode(func(i rawInsn) bool { return i.op() == byte(op) })
	}
	return -1
}

// firstOfOneMode returns the first instruction that is wanted, or -1. It is also -1 where wanted ones differ in their
// mode, as this kernel may know one of the modes.
func (b bytecode) firstOfOneMode(wanted func(rawInsn) bool) int {
	first := -1
	for i, one := range b.all() {
		if !wanted(one) {
			continue
		}
		if first >= 0 && b.at(first).op()&modeMask != one.op()&modeMask {
			return -1
		}
		if first < 0 {
			first = i
		}
	}
	return first
}

// endOfOpenFunction returns the last instruction of the first function that ends with neither an exit nor a jump.
func (b bytecode) endOfOpenFunction() int {
	ends := []int{b.count()}
	for i, one := range b.all() {
		calls := one.op() == opCall && one.source() == pseudoCall
		if calls || one.op() == opLoad64 && one.source() == pseudoFunc {
			ends = append(ends, i+1+one.immediate())
		}
	}
	slices.Sort(ends)
	for _, end := range ends {
		if end < 1 || end > b.count() {
			return -1
		}
		last := b.at(end - 1)
		if last.op() == opCall && last.source() == pseudoKfuncCall {
			// It may be bpf_throw, which ends a function too.
			return -1
		}
		if op := last.op(); op != opExit && op != opJump && op != opJump32 {
			return end - 1
		}
	}
	return -1
}
