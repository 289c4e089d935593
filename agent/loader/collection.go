package loader

import (
	"maps"
	"slices"

	"github.com/cilium/ebpf"
)

// programOrder returns the names of an object's programs in a stable order: as asked for, else by name.
func programOrder(spec *ebpf.CollectionSpec, wanted []string) []string {
	if wanted != nil {
		return wanted
	}
	return slices.Sorted(maps.Keys(spec.Programs))
}

// neededMaps returns the names of the maps that a program refers to, in a stable order, each behind those that it
// holds itself.
func neededMaps(spec *ebpf.CollectionSpec, program *ebpf.ProgramSpec) []string {
	var order []string
	visited := make(map[string]bool)
	var visit func(name string)
	visit = func(name string) {
		m := spec.Maps[name]
		if m == nil || visited[name] {
			return
		}
		visited[name] = true
		for _, inner := range heldMaps(m) {
			visit(inner)
		}
		order = append(order, name)
	}
	for i := range program.Instructions {
		if instruction := &program.Instructions[i]; instruction.IsLoadFromMap() {
			visit(instruction.Reference())
		}
	}
	return order
}

// heldMaps returns the names of the maps that are declared as the contents of a map of maps.
func heldMaps(m *ebpf.MapSpec) []string {
	if !holdsMaps(m.Type) {
		return nil
	}
	var held []string
	for _, entry := range m.Contents {
		if name, isName := entry.Value.(string); isName {
			held = append(held, name)
		}
	}
	return held
}

// holdsMaps tells the types of maps of maps, of either platform.
func holdsMaps(kind ebpf.MapType) bool {
	return kind == ebpf.ArrayOfMaps || kind == ebpf.HashOfMaps || kind == ebpf.WindowsArrayOfMaps || kind == ebpf.WindowsHashOfMaps
}

// holdsPrograms tells a program array, of either platform.
func holdsPrograms(kind ebpf.MapType) bool {
	return kind == ebpf.ProgramArray || kind == ebpf.WindowsProgramArray
}

// separate returns a collection of nothing but one program and the maps that it needs. The maps belong to it alone and
// are nowhere pinned. Programs that a program array would hold stay out of it, as their rejection is not this
// program's: the verifier does not look at them.
func separate(spec *ebpf.CollectionSpec, name string) *ebpf.CollectionSpec {
	program := spec.Programs[name]
	one := &ebpf.CollectionSpec{
		Maps:      make(map[string]*ebpf.MapSpec),
		Programs:  map[string]*ebpf.ProgramSpec{name: program},
		Variables: make(map[string]*ebpf.VariableSpec),
		Types:     spec.Types,
		ByteOrder: spec.ByteOrder,
	}
	for _, needed := range neededMaps(spec, program) {
		m := spec.Maps[needed].Copy()
		m.Pinning = ebpf.PinNone
		if m.InnerMap != nil {
			m.InnerMap.Pinning = ebpf.PinNone
		}
		if holdsPrograms(m.Type) {
			m.Contents = nil
		}
		one.Maps[needed] = m
	}
	return one
}
