package mend

import (
	"github.com/cilium/ebpf"
)

// arenaSection is where compilers put variables of address space 1, which belong to the arena. The library knows no such
// section, but those that begin with .data.
const (
	arenaSection = ".addr_space.1"
	arenaStandIn = ".data" + arenaSection
)

// renameArena lets the library read the arena's variables as if they were others.
func (o *Object) renameArena(m *image, t *types) {
	for number, section := range m.file.Sections {
		if section.Name != arenaSection {
			continue
		}
		m.nameSection(number, arenaStandIn)
		if datasec := t.datasec(arenaSection); datasec != 0 {
			t.rename(datasec, arenaStandIn)
		}
	}
}

// placeInArena lets references to the arena's variables be places at the arena's start, as libbpf does. Without an arena
// the programs that have some cannot be read.
func (o *Object) placeInArena(spec *ebpf.CollectionSpec) {
	standIn := spec.Maps[arenaStandIn]
	if standIn == nil {
		return
	}
	delete(spec.Maps, arenaStandIn)
	if len(standIn.Contents) > 0 {
		o.ArenaData, _ = standIn.Contents[0].Value.([]byte)
	}
	for name, variable := range spec.Variables {
		if variable.SectionName == arenaStandIn {
			delete(spec.Variables, name)
		}
	}
	var arena string
	for name, m := range spec.Maps {
		if m.Type == ebpf.Arena {
			arena = name
		}
	}
	for name, program := range spec.Programs {
		for i := range program.Instructions {
			instruction := &program.Instructions[i]
			if instruction.Reference() != arenaStandIn {
				continue
			}
			if arena == "" {
				o.breakProgram(name, "it has variables in an arena, and the object declares no arena")
				continue
			}
			*instruction = instruction.WithReference(arena)
		}
	}
}

func (o *Object) breakProgram(name, said string) {
	if o.Broken == nil {
		o.Broken = make(map[string]string)
	}
	o.Broken[name] = said
}
