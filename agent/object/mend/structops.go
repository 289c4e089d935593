package mend

import (
	"bytes"
	"debug/elf"
	"fmt"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

// operations are a map of type struct_ops, as it stands in the object.
type operations struct {
	name  string
	kind  btf.TypeID
	value []byte
	// programs are the names of functions by their places in the value.
	programs map[uint32]string
	// linked tells that they are attached by a link.
	linked bool
}

// readOperations reads the maps of struct_ops, and hides their sections: the library refuses those that are attached
// without a link, knows no optional ones, and gives up an object that names a function which is no program of it.
func (o *Object) readOperations(m *image, t *types) {
	for number, section := range m.file.Sections {
		name := strings.TrimPrefix(section.Name, "?")
		isLinked := name == ".struct_ops.link"
		value := m.contents(section)
		if !isLinked && name != ".struct_ops" || section.Type != elf.SHT_PROGBITS || len(value) == 0 {
			continue
		}
		value = bytes.Clone(value)
		places, programs := m.variablesIn(number), m.functionsIn(number)
		for _, variable := range t.variables(t.datasec(section.Name)) {
			kind := t.plain(t.reference(variable))
			place, found := places[t.name(variable)]
			if !found || t.kind(kind) != kindStruct {
				continue
			}
			end := place + uint64(t.reference(kind)) // of a struct, its size
			if place > uint64(len(value)) || end > uint64(len(value)) {
				continue
			}
			one := operations{name: t.name(variable), kind: btf.TypeID(kind), value: value[place:end], linked: isLinked}
			one.programs = make(map[uint32]string)
			for at, program := range programs {
				if at >= place && at < end {
					one.programs[uint32(at-place)] = program
				}
			}
			o.operations = append(o.operations, one)
		}
		m.hideSection(number)
	}
}

// variablesIn are the places of variables in a section.
func (m *image) variablesIn(section int) map[string]uint64 {
	places := make(map[string]uint64)
	for _, s := range m.symbols() {
		if s.section == section && s.kind == elf.STT_OBJECT {
			places[m.nameOf(s)] = s.value
		}
	}
	return places
}

// functionsIn are the names of the functions that a section refers to, by the place that does.
func (m *image) functionsIn(section int) map[uint64]string {
	names, strings := make(map[uint64]string), m.namesOfSymbols()
	for relocation := range m.relocations(section) {
		if s, found := m.symbol(relocation.symbol); found && m.isCode(s) {
			names[relocation.place] = textAt(strings, s.nameAt)
		}
	}
	return names
}

// namesOfSymbols are the strings with those that were added.
func (m *image) namesOfSymbols() []byte {
	number := int(m.symtab.Link)
	return append(bytes.Clone(m.strings(number)), m.added[number]...)
}

// attachedByLink is BPF_F_LINK.
const attachedByLink = 1 << 13

func (o *Object) addOperations(spec *ebpf.CollectionSpec) error {
	for _, one := range o.operations {
		found, err := spec.Types.TypeByID(one.kind)
		if err != nil {
			return err
		}
		kind, isStruct := found.(*btf.Struct)
		if !isStruct {
			return fmt.Errorf("struct_ops %s: not a struct", one.name)
		}
		plain := *kind
		plain.Name, _, _ = strings.Cut(kind.Name, "___")
		m := &ebpf.MapSpec{
			Name: one.name, Type: ebpf.StructOpsMap, KeySize: 4, ValueSize: plain.Size, MaxEntries: 1,
			Key: &btf.Int{Size: 4}, Value: &plain,
			Contents: []ebpf.MapKV{{Key: uint32(0), Value: one.value}},
		}
		if one.linked {
			m.Flags = attachedByLink
		}
		spec.Maps[one.name] = m
		for _, member := range plain.Members {
			program := spec.Programs[one.programs[member.Offset.Bytes()]]
			if program != nil && program.Type == ebpf.StructOps {
				program.AttachTo = plain.Name + ":" + member.Name
			}
		}
	}
	return nil
}
