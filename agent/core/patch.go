package core

import (
	"encoding/binary"
	"fmt"
	"math"
)

const (
	instructionSize = 8

	classLD, classLDX, classST, classSTX, classALU, classALU64 = 0, 1, 2, 3, 4, 7

	opLoad64, opCall = 0x18, 0x85
	// fromRegister says that an operation's operand is in a register.
	fromRegister = 0x08
	sizeMask     = 0x18
	// poisonedCall is a helper that does not exist, by which libbpf, and people, know the reason: 0xbad2310.
	poisonedCall = 195896080
)

// accessBits are those of an instruction that say how many bytes it accesses.
func accessBits(size uint32) (bits byte, isSize bool) {
	switch size {
	case 4:
		return 0x00, true
	case 2:
		return 0x08, true
	case 1:
		return 0x10, true
	case 8:
		return 0x18, true
	}
	return 0, false
}

// Result is what a relocation comes to.
type Result struct {
	// Poisoned says that the kernel has nothing of the kind: the instruction becomes an invalid one.
	Poisoned bool
	// Own says that the value is a type's number in the program's own types, which only the loader knows.
	Own bool

	old, new         uint64
	oldSize, newSize uint32
	// unchecked says that the instruction need not hold the old value.
	unchecked bool
	// misfit says that an access of another size would give another value.
	misfit bool
}

func (r Result) decision() string {
	if r.Poisoned {
		return fmt.Sprintf("failure %d", r.new)
	}
	return fmt.Sprintf("success %d", r.new)
}

// Patch changes an instruction, which is the first one of the code: bpf_core_patch_insn. It tells whether the instruction
// is now an invalid one. The error is that of an instruction which does not fit the relocation.
func (r Result) Patch(code []byte, order binary.ByteOrder) (poisoned bool, err error) {
	if r.Poisoned {
		poison(code, order)
		return true, nil
	}
	switch op := code[0]; op & 7 {
	case classALU, classALU64:
		return false, r.patchArithmetic(code, order)
	case classLDX, classST, classSTX:
		return r.patchAccess(code, order)
	case classLD:
		return false, r.patchLoad64(code, order)
	default:
		return false, fmt.Errorf("an instruction with the opcode %#x, which cannot be relocated", op)
	}
}

func (r Result) patchArithmetic(code []byte, order binary.ByteOrder) error {
	if code[0]&fromRegister != 0 {
		return fmt.Errorf("an operation on registers, which cannot be relocated")
	}
	if held := int32(order.Uint32(code[4:])); !r.unchecked && uint64(int64(held)) != r.old {
		return r.unexpected(int64(held))
	}
	order.PutUint32(code[4:], uint32(r.new))
	return nil
}

func (r Result) patchAccess(code []byte, order binary.ByteOrder) (poisoned bool, err error) {
	held := int16(order.Uint16(code[2:]))
	switch {
	case !r.unchecked && uint64(int64(held)) != r.old:
		return false, r.unexpected(int64(held))
	case r.new > math.MaxInt16:
		return false, fmt.Errorf("the offset %d is too large for an instruction", r.new)
	case r.misfit:
		poison(code, order)
		return true, nil
	}
	order.PutUint16(code[2:], uint16(r.new))
	if r.oldSize == r.newSize {
		return false, nil
	}
	if held, isSize := accessBits(r.oldSize); !isSize || held != code[0]&sizeMask {
		return false, fmt.Errorf("an access of another size than the field's, %d bytes", r.oldSize)
	}
	bits, isSize := accessBits(r.newSize)
	if !isSize {
		return false, fmt.Errorf("no instruction accesses %d bytes", r.newSize)
	}
	code[0] = code[0]&^sizeMask | bits
	return false, nil
}

func (r Result) patchLoad64(code []byte, order binary.ByteOrder) error {
	source := code[1] >> 4
	if order == binary.BigEndian {
		source = code[1] & 0xf
	}
	if code[0] != opLoad64 || len(code) < 2*instructionSize || source != 0 || order.Uint16(code[2:]) != 0 ||
		order.Uint32(code[instructionSize:]) != 0 {
		return fmt.Errorf("a load of 64 bits in an unexpected form")
	}
	held := uint64(order.Uint32(code[4:])) | uint64(order.Uint32(code[12:]))<<32
	if !r.unchecked && held != r.old {
		return r.unexpected(int64(held))
	}
	order.PutUint32(code[4:], uint32(r.new))
	order.PutUint32(code[12:], uint32(r.new>>32))
	return nil
}

func (r Result) unexpected(held int64) error {
	return fmt.Errorf("the instruction holds %d, not %d, which was to become %d", held, int64(r.old), int64(r.new))
}

// poison makes an invalid call of an instruction, and of both halves of a load of 64 bits.
func poison(code []byte, order binary.ByteOrder) {
	halves := 1
	if code[0] == opLoad64 && len(code) >= 2*instructionSize {
		halves = 2
	}
	for i := range halves {
		half := code[i*instructionSize : (i+1)*instructionSize]
		clear(half)
		half[0] = opCall
		order.PutUint32(half[4:], poisonedCall)
	}
}
