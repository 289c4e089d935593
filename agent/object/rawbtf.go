package object

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
)

// Kinds of types that matter here (include/uapi/linux/btf.h).
const (
	kindPointer = 2
	kindArray   = 3
	kindStruct  = 4
	kindVar     = 14
	kindDatasec = 15
)

// typeExtra is how many bytes follow the header of a type of each kind, and how many more for each of its parts.
var typeExtra = [...][2]int{
	1: {4, 0}, kindArray: {12, 0}, kindStruct: {0, 12}, 5: {0, 12}, 6: {0, 8}, 13: {0, 8}, kindVar: {4, 0},
	kindDatasec: {0, 12}, 17: {4, 0}, 19: {0, 12},
}

// rawType is a type where it is in the file.
type rawType struct {
	kind  int
	parts int
	// reference is the type that a pointer or a variable refers to.
	reference uint32
	name      string
	// rest is what follows the header, a part of the file.
	rest []byte
}

// rawTypes are all types of an object.
type rawTypes struct {
	byNumber []rawType
	names    []byte
}

// readTypes reads the types of a little-endian object in place; none where they cannot be read.
func readTypes(file *elf.File, data []byte) (types rawTypes) {
	section := file.Section(".BTF")
	if section == nil || file.ByteOrder != binary.LittleEndian || section.Offset+section.FileSize > uint64(len(data)) {
		return rawTypes{}
	}
	btf := data[section.Offset : section.Offset+section.FileSize]
	if len(btf) < 24 {
		return rawTypes{}
	}
	field := func(at int) int { return int(binary.LittleEndian.Uint32(btf[at:])) }
	from, size, names := field(4)+field(8), field(12), field(4)+field(16)
	if from < 0 || size < 0 || names < 0 || from > len(btf) || size > len(btf)-from || names > len(btf) {
		return rawTypes{}
	}
	types = rawTypes{byNumber: []rawType{{}}, names: btf[names:]}
	for rest := btf[from : from+size]; len(rest) >= 12; {
		info := binary.LittleEndian.Uint32(rest[4:])
		t := rawType{kind: int(info >> 24 & 31), parts: int(info & 0xffff), reference: binary.LittleEndian.Uint32(rest[8:])}
		if t.kind < len(typeExtra) {
			extra := typeExtra[t.kind][0] + typeExtra[t.kind][1]*t.parts
			if extra > len(rest)-12 {
				return rawTypes{}
			}
			t.rest = rest[12 : 12+extra]
		}
		t.name = types.text(binary.LittleEndian.Uint32(rest))
		types.byNumber = append(types.byNumber, t)
		rest = rest[12+len(t.rest):]
	}
	return types
}

func (t rawTypes) text(offset uint32) string {
	if uint64(offset) >= uint64(len(t.names)) {
		return ""
	}
	text, _, _ := bytes.Cut(t.names[offset:], []byte{0})
	return string(text)
}

func (t rawTypes) at(number uint32) rawType {
	if uint64(number) < uint64(len(t.byNumber)) {
		return t.byNumber[number]
	}
	return rawType{}
}

// part is the number of the type of a part, which is a word into its 12 bytes for a struct, and at their start for a
// section of variables.
func (t rawType) part(index, word int) uint32 {
	return binary.LittleEndian.Uint32(t.rest[index*12+word*4:])
}
