package mend

import (
	"debug/elf"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

// renameSections gives sections of variables names that the library knows: libbpf takes .bss.NAME too.
func (o *Object) renameSections(m *image, t *types) {
	for number, section := range m.file.Sections {
		if section.Type != elf.SHT_NOBITS || !strings.HasPrefix(section.Name, ".bss.") {
			continue
		}
		name := ".data" + section.Name
		m.nameSection(number, name)
		if datasec := t.datasec(section.Name); datasec != 0 {
			t.rename(datasec, name)
		}
		o.sections[name] = section.Name
	}
}

// restoreSections gives maps of variables the names of their sections in the object.
func (o *Object) restoreSections(spec *ebpf.CollectionSpec) {
	for changed, name := range o.sections {
		m := spec.Maps[changed]
		if m == nil {
			continue
		}
		delete(spec.Maps, changed)
		spec.Maps[name], m.Name = m, name
		if section, isSection := m.Value.(*btf.Datasec); isSection {
			section.Name = name
		}
		for _, variable := range spec.Variables {
			if variable.SectionName == changed {
				variable.SectionName = name
			}
		}
		for _, program := range spec.Programs {
			for i := range program.Instructions {
				if instruction := &program.Instructions[i]; instruction.Reference() == changed {
					*instruction = instruction.WithReference(name)
				}
			}
		}
	}
}
