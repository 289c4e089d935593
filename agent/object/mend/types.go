package mend

import (
	"debug/elf"
	"slices"
)

// Kinds of types that matter here (include/uapi/linux/btf.h).
const (
	kindPointer  = 2
	kindArray    = 3
	kindStruct   = 4
	kindTypedef  = 8
	kindVolatile = 9
	kindConst    = 10
	kindRestrict = 11
	kindFunc     = 12
	kindVar      = 14
	kindDatasec  = 15
)

// typeExtra is how many bytes follow the header of a type of each kind, and how many more for each of its parts.
var typeExtra = [...][2]int{
	1: {4, 0}, kindArray: {12, 0}, kindStruct: {0, 12}, 5: {0, 12}, 6: {0, 8}, 13: {0, 8}, kindVar: {4, 0},
	kindDatasec: {0, 12}, 17: {4, 0}, 19: {0, 12},
}

const (
	typeHeader = 12
	partSize   = 12
)

// types are the object's, where they are in the file. A type is named by its number.
type types struct {
	image   *image
	section int
	// start is where the section begins, and at where each type is.
	start int
	at    []int
	// header is the size of the section's header.
	header int
	// names and namesSize are the strings'.
	names, namesSize int
	end              int
	// added are further types, and addedNames strings, behind those that are there.
	added      []uint32
	addedCount int
	addedNames []byte
}

// openTypes finds the types of an object; nil where it has none, or they cannot be read.
func openTypes(m *image) *types {
	number := slices.IndexFunc(m.file.Sections, func(s *elf.Section) bool { return s.Name == ".BTF" })
	if number < 0 {
		return nil
	}
	btf := m.contents(m.file.Sections[number])
	if len(btf) < 24 {
		return nil
	}
	field := func(at int) int { return int(m.order.Uint32(btf[at:])) }
	header, from, size := field(4), field(8), field(12)
	names, namesSize := field(16), field(20)
	if header > len(btf) || from > len(btf)-header || size > len(btf)-header-from ||
		names > len(btf)-header || namesSize > len(btf)-header-names {
		return nil
	}
	start := int(m.file.Sections[number].Offset)
	t := &types{
		image: m, section: number, start: start, header: header, names: start + header + names, namesSize: namesSize,
		end: start + header + from + size, at: make([]int, 1, size/16+1),
	}
	for at := start + header + from; at+typeHeader <= t.end; {
		t.at = append(t.at, at)
		at += typeHeader + t.extra(at)
	}
	if last := t.at[len(t.at)-1]; len(t.at) > 1 && last+typeHeader+t.extra(last) > t.end {
		return nil
	}
	return t
}

// extra is how many bytes a type has behind its header.
func (t *types) extra(at int) int {
	info := t.image.word(at + 4)
	kind, parts := int(info>>24&31), int(info&0xffff)
	if kind >= len(typeExtra) {
		return 0
	}
	return typeExtra[kind][0] + typeExtra[kind][1]*parts
}

func (t *types) has(number uint32) bool { return number > 0 && uint64(number) < uint64(len(t.at)) }

func (t *types) kind(number uint32) int {
	if !t.has(number) {
		return 0
	}
	return int(t.image.word(t.at[number]+4) >> 24 & 31)
}

func (t *types) parts(number uint32) int { return int(t.image.word(t.at[number]+4) & 0xffff) }

// reference is the type that a pointer, a variable or the like refers to.
func (t *types) reference(number uint32) uint32 { return t.image.word(t.at[number] + 8) }

func (t *types) refer(number, to uint32) { t.image.setWord(t.at[number]+8, to) }

func (t *types) name(number uint32) string { return t.text(t.image.word(t.at[number])) }

func (t *types) text(place uint32) string {
	return textAt(t.image.data[t.names:t.names+t.namesSize], place)
}

// part is a word of a part of a struct or of a section of variables.
func (t *types) part(number uint32, index, word int) uint32 {
	return t.image.word(t.at[number] + typeHeader + index*partSize + word*4)
}

// word is one of those behind the header of a type that has no parts.
func (t *types) word(number uint32, index int) uint32 {
	return t.image.word(t.at[number] + typeHeader + index*4)
}

// plain leaves out names for types, and qualifiers.
func (t *types) plain(number uint32) uint32 {
	for range len(t.at) {
		switch t.kind(number) {
		case kindTypedef, kindVolatile, kindConst, kindRestrict:
			number = t.reference(number)
		default:
			return number
		}
	}
	return 0
}

// datasec is the number of a section of variables, or 0.
func (t *types) datasec(name string) uint32 {
	for number := uint32(1); t.has(number); number++ {
		if t.kind(number) == kindDatasec && t.name(number) == name {
			return number
		}
	}
	return 0
}

// variables are the numbers of what a section of variables holds.
func (t *types) variables(datasec uint32) []uint32 {
	var found []uint32
	if datasec == 0 {
		return nil
	}
	for index := range t.parts(datasec) {
		if number := t.part(datasec, index, 0); t.has(number) {
			found = append(found, number)
		}
	}
	return found
}

// add puts a type behind the others and returns its number.
func (t *types) add(words ...uint32) uint32 {
	t.added = append(t.added, words...)
	t.addedCount++
	return uint32(len(t.at) + t.addedCount - 1)
}

// rename gives a type another name.
func (t *types) rename(number uint32, name string) {
	t.image.setWord(t.at[number], uint32(t.namesSize+len(t.addedNames)))
	t.addedNames = append(append(t.addedNames, name...), 0)
}

// finish puts the longer types behind the file's end.
func (t *types) finish() {
	if len(t.added) == 0 && len(t.addedNames) == 0 {
		return
	}
	m := t.image
	m.touch()
	first := t.end
	if len(t.at) > 1 {
		first = t.at[1]
	}
	made := slices.Clone(m.data[t.start : t.start+t.header])
	made = append(made, m.data[first:t.end]...)
	for _, value := range t.added {
		made = append(made, 0, 0, 0, 0)
		m.order.PutUint32(made[len(made)-4:], value)
	}
	size := uint32(len(made) - t.header)
	made = append(made, m.data[t.names:t.names+t.namesSize]...)
	made = append(made, t.addedNames...)
	for at, value := range map[int]uint32{8: 0, 12: size, 16: size, 20: uint32(t.namesSize + len(t.addedNames))} {
		m.order.PutUint32(made[at:], value)
	}
	m.move(t.section, made)
}
