package object

import (
	"debug/elf"
	"encoding/binary"
	"slices"

	"crossbpf/agent/names"
)

// asOnLinux returns an object for Windows in which maps have the numbers that their types have on Linux: cilium/ebpf
// reads every object as one for Linux, and asks of some types what others need not have.
func asOnLinux(file *elf.File, data []byte) []byte {
	section := slices.IndexFunc(file.Sections, func(s *elf.Section) bool { return s.Name == ".BTF" })
	changed := slices.Clone(data)
	types := readTypes(file, changed)
	if section < 0 || len(types.byNumber) == 0 {
		return changed
	}
	r := renumbering{types: types}
	for _, definition := range types.mapDefinitions() {
		r.renumber(definition, 0)
	}
	if len(r.added) == 0 {
		return changed
	}
	return withTypes(changed, file.Sections[section], section, r.added)
}

// renumbering changes numbers where they stand, but for the new ones: compilers write a number once, whatever it is for.
type renumbering struct {
	types rawTypes
	// added are further types, in the words of the format.
	added []uint32
	// count is how many those are.
	count int
}

// renumber gives a map's definition another number as its type, and those of the maps that it holds.
func (r *renumbering) renumber(definition rawType, depth int) {
	for index := range definition.parts {
		member := r.types.at(definition.part(index, 1))
		switch r.types.text(definition.part(index, 0)) {
		case "type":
			if array := r.types.at(member.reference); member.kind == kindPointer && array.kind == kindArray {
				r.retype(definition, index, array)
			}
		case "values":
			if member.kind != kindArray || depth > 0 {
				continue
			}
			held := r.types.at(r.types.at(binary.LittleEndian.Uint32(member.rest)).reference)
			if held.kind == kindStruct {
				r.renumber(held, depth+1)
			}
		}
	}
}

// retype lets a member refer to a new pointer to a new array, of as many elements as the type's number.
func (r *renumbering) retype(definition rawType, index int, array rawType) {
	number := binary.LittleEndian.Uint32(array.rest[8:])
	onLinux, found := names.MapTypeOnLinux(number)
	if !found || onLinux == number {
		return
	}
	next := uint32(len(r.types.byNumber) + r.count)
	element, key := binary.LittleEndian.Uint32(array.rest), binary.LittleEndian.Uint32(array.rest[4:])
	r.added = append(r.added, 0, kindArray<<24, 0, element, key, onLinux, 0, kindPointer<<24, next)
	r.count += 2
	binary.LittleEndian.PutUint32(definition.rest[index*12+4:], next+1)
}

// withTypes puts longer types behind the file's end.
func withTypes(data []byte, section *elf.Section, index int, added []uint32) []byte {
	btf := data[section.Offset : section.Offset+section.FileSize]
	word := func(at int) uint32 { return binary.LittleEndian.Uint32(btf[at:]) }
	header, typesStart, typesLength, names, namesLength := word(4), word(8), word(12), word(16), word(20)
	more := uint32(4 * len(added))
	made := slices.Clone(btf[:header])
	binary.LittleEndian.PutUint32(made[8:], 0)
	binary.LittleEndian.PutUint32(made[12:], typesLength+more)
	binary.LittleEndian.PutUint32(made[16:], typesLength+more)
	made = append(made, btf[header+typesStart:header+typesStart+typesLength]...)
	for _, value := range added {
		made = binary.LittleEndian.AppendUint32(made, value)
	}
	made = append(made, btf[header+names:min(uint32(len(btf)), header+names+namesLength)]...)
	headers := binary.LittleEndian.Uint64(data[40:])
	entry := data[headers+uint64(index)*64:]
	binary.LittleEndian.PutUint64(entry[24:], uint64(len(data)))
	binary.LittleEndian.PutUint64(entry[32:], uint64(len(made)))
	return append(data, made...)
}

// mapDefinitions are those of the section .maps.
func (t rawTypes) mapDefinitions() []rawType {
	var found []rawType
	for _, section := range t.byNumber {
		if section.kind != kindDatasec || section.name != ".maps" {
			continue
		}
		for index := range section.parts {
			variable := t.at(section.part(index, 0))
			if definition := t.at(variable.reference); variable.kind == kindVar && definition.kind == kindStruct {
				found = append(found, definition)
			}
		}
	}
	return found
}
