package core

import (
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/cilium/ebpf/btf"
)

// errPoison asks for an invalid instruction in place of the relocated one.
var errPoison = errors.New("poison")

// value is what a relocation comes to with one type.
type value struct {
	number uint64
	// size and of are those of the field, for the size of an access; 0 and nil where none is known.
	size uint32
	of   btf.Type
	// ambiguous says that the compiler's value need not be the same for the compiler's type.
	ambiguous bool
}

// fieldValue computes bpf_core_calc_field_relo. There is no path where no field was found.
func fieldValue(kind Kind, p *path, order binary.ByteOrder) (value, error) {
	switch {
	case kind == FieldExists && p != nil:
		return value{number: 1}, nil
	case kind == FieldExists:
		return value{}, nil
	case p == nil:
		return value{}, errPoison
	case p.last().name == "":
		return elementValue(kind, p)
	}
	return memberValue(kind, p, order)
}

// elementValue is that of an element of an array, or of the root itself.
func elementValue(kind Kind, p *path) (value, error) {
	last := p.last()
	switch kind {
	case FieldByteOffset:
		size, err := sizeOfElement(last.in)
		return value{number: uint64(p.bits / 8), size: size, of: last.in}, err
	case FieldByteSize:
		size, err := btf.Sizeof(last.in)
		return value{number: uint64(size)}, err
	}
	return value{}, errors.New("this kind of relocation does not apply to an element of an array")
}

func memberValue(kind Kind, p *path, order binary.ByteOrder) (value, error) {
	last := p.last()
	members, _ := membersOf(last.in)
	member := &members[last.index]
	t := btf.UnderlyingType(member.Type)
	load, err := loadOf(p.bits, int(member.BitfieldSize), t)
	if err != nil {
		return value{}, err
	}
	found := value{ambiguous: member.BitfieldSize > 0}
	switch kind {
	case FieldByteOffset:
		found.number = uint64(load.offset)
		if !found.ambiguous {
			found.of = t
			found.size, err = sizeOfElement(t)
		}
	case FieldByteSize:
		found.number = uint64(load.size)
	case FieldSigned:
		found.ambiguous = false
		if isSigned(t) {
			found.number = 1
		}
	case FieldLeftShift:
		found.number = load.leftShift(order)
	case FieldRightShift:
		found.ambiguous = false
		found.number = uint64(64 - load.bits)
	}
	return found, err
}

// load is how a field is read: so many bytes at an offset, of which the field is a number of bits from a bit on.
type load struct{ offset, size, bit, bits int }

func loadOf(bit, bitfield int, t btf.Type) (load, error) {
	size, err := btf.Sizeof(t)
	if err != nil {
		return load{}, err
	}
	if bitfield == 0 {
		return load{offset: bit / 8, size: size, bit: bit, bits: size * 8}, nil
	}
	if size == 0 {
		return load{}, fmt.Errorf("a bitfield of %v", t)
	}
	offset := bit / 8 / size * size
	for bit+bitfield-offset*8 > size*8 {
		if size >= 8 {
			return load{}, errors.New("a bitfield that cannot be read with 64 bits")
		}
		size *= 2
		offset = bit / 8 / size * size
	}
	return load{offset: offset, size: size, bit: bit, bits: bitfield}, nil
}

func (l load) leftShift(order binary.ByteOrder) uint64 {
	if order == binary.BigEndian {
		return uint64((8-l.size)*8 + (l.bit - l.offset*8))
	}
	return uint64(64 - (l.bit + l.bits - l.offset*8))
}

// sizeOfElement is the size of one element of an array, however many dimensions it has, or that of another type.
func sizeOfElement(t btf.Type) (uint32, error) {
	t = btf.UnderlyingType(t)
	for {
		array, isArray := t.(*btf.Array)
		if !isArray {
			break
		}
		t = btf.UnderlyingType(array.Type)
	}
	size, err := btf.Sizeof(t)
	return uint32(size), err
}

func isSigned(t btf.Type) bool {
	switch t := t.(type) {
	case *btf.Int:
		return t.Encoding&btf.Signed != 0
	case *btf.Enum:
		return t.Signed
	}
	return false
}

// mayResize tells whether the size of an access can follow that of the field, as the bits above it are zero.
func mayResize(local, target value) bool {
	if local.size == target.size {
		return true
	}
	_, localIs := local.of.(*btf.Pointer)
	if _, targetIs := target.of.(*btf.Pointer); localIs && targetIs {
		return true
	}
	l, localIs := local.of.(*btf.Int)
	t, targetIs := target.of.(*btf.Int)
	return localIs && targetIs && l.Encoding != btf.Signed && t.Encoding != btf.Signed
}

// typeValue computes bpf_core_calc_type_relo. All is 0 where no type was found.
func typeValue(kind Kind, found *candidate) (value, error) {
	if found == nil {
		return value{}, nil
	}
	switch kind {
	case TypeIDTarget:
		id, err := found.types.TypeID(found.what)
		return value{number: uint64(id), ambiguous: true}, err
	case TypeSize:
		size, err := btf.Sizeof(found.what)
		return value{number: uint64(size)}, err
	}
	return value{number: 1}, nil
}

// enumValue computes bpf_core_calc_enumval_relo.
func enumValue(kind Kind, p *path) (value, error) {
	switch {
	case kind == EnumValueExists && p != nil:
		return value{number: 1}, nil
	case kind == EnumValueExists:
		return value{}, nil
	case p == nil:
		return value{}, errPoison
	}
	number := p.steps[0].in.(*btf.Enum).Values[p.steps[0].index].Value
	return value{number: number}, nil
}
