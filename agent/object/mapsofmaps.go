package object

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"

	"github.com/cilium/ebpf"
)

// linuxNumbers are the types of maps of maps by their numbers on Windows (include/ebpf_structs.h), windowsNumbers the
// other way round.
var (
	linuxNumbers   = map[uint32]uint32{6: uint32(ebpf.HashOfMaps), 7: uint32(ebpf.ArrayOfMaps)}
	windowsNumbers = map[uint32]uint32{uint32(ebpf.HashOfMaps): 6, uint32(ebpf.ArrayOfMaps): 7}
)

// renumberMapsOfMaps returns an object for Windows with the numbers that maps of maps have on Linux, and the names of the
// maps: cilium/ebpf reads maps as those of Linux, and lets no others hold maps.
func renumberMapsOfMaps(file *elf.File, data []byte) ([]byte, []string, error) {
	changed := bytes.Clone(data)
	types := readTypes(file, changed)
	var renumbered []string
	numbers := make(map[uint32]bool)
	others := make(map[uint32]bool)
	for _, m := range types.mapDefinitions() {
		for index := range m.definition.parts {
			pointer := types.at(m.definition.part(index, 1))
			if pointer.kind != kindPointer || types.at(pointer.reference).kind != kindArray {
				continue
			}
			if types.text(m.definition.part(index, 0)) != "type" {
				others[pointer.reference] = true
				continue
			}
			if _, found := linuxNumbers[types.count(pointer.reference)]; found {
				renumbered = append(renumbered, m.name)
				numbers[pointer.reference] = true
			}
		}
	}
	for number := range numbers {
		if others[number] {
			return nil, nil, errors.New("a map of maps shares its type's number with another property; give that another value")
		}
		array := types.at(number).rest
		binary.LittleEndian.PutUint32(array[8:], linuxNumbers[types.count(number)])
	}
	return changed, renumbered, nil
}

// mapDefinition is a map as it is declared.
type mapDefinition struct {
	name       string
	definition rawType
}

// mapDefinitions are those of the section .maps.
func (t rawTypes) mapDefinitions() []mapDefinition {
	var found []mapDefinition
	for _, section := range t.byNumber {
		if section.kind != kindDatasec || section.name != ".maps" {
			continue
		}
		for index := range section.parts {
			variable := t.at(section.part(index, 0))
			if definition := t.at(variable.reference); variable.kind == kindVar && definition.kind == kindStruct {
				found = append(found, mapDefinition{variable.name, definition})
			}
		}
	}
	return found
}

// count is the number of elements of an array, which is how a definition writes a number.
func (t rawTypes) count(number uint32) uint32 {
	if array := t.at(number); array.kind == kindArray {
		return binary.LittleEndian.Uint32(array.rest[8:])
	}
	return 0
}
