package loader

import (
	"fmt"
	"slices"

	"github.com/cilium/ebpf"

	"crossbpf/agent/protocol"
)

// Selection is what to load of an object together.
type Selection struct {
	Programs []string
	// Maps are needed besides those that the programs use. Of a struct_ops map, the programs are needed too.
	Maps []string
	// Variables are set first.
	Variables []protocol.Variable
}

// together returns a collection of the selected programs and maps, which is loaded as it stands: nothing is pinned, and
// program arrays hold none but selected programs.
func together(spec *ebpf.CollectionSpec, selection Selection) (*ebpf.CollectionSpec, error) {
	all := &ebpf.CollectionSpec{
		Maps:     make(map[string]*ebpf.MapSpec),
		Programs: make(map[string]*ebpf.ProgramSpec),
		// Without their own list, variables have the values that their sections hold.
		Variables: nil,
		Types:     spec.Types,
		ByteOrder: spec.ByteOrder,
	}
	programs := slices.Clone(selection.Programs)
	for _, name := range selection.Maps {
		if spec.Maps[name] == nil {
			return nil, protocol.Errorf(protocol.BadRequest, "the object has no map %q", name)
		}
		programs = append(programs, memberPrograms(spec, spec.Maps[name])...)
		for _, needed := range append(heldMaps(spec.Maps[name]), name) {
			if spec.Maps[needed] != nil {
				all.Maps[needed] = spec.Maps[needed]
			}
		}
	}
	for _, name := range programs {
		program := spec.Programs[name]
		if program == nil {
			return nil, protocol.Errorf(protocol.BadRequest, "the object has no program %q", name)
		}
		all.Programs[name] = program
		for _, needed := range neededMaps(spec, program) {
			all.Maps[needed] = spec.Maps[needed]
		}
	}
	for name, m := range all.Maps {
		all.Maps[name] = unshared(m, all.Programs)
	}
	for _, variable := range selection.Variables {
		if err := setVariable(all.Maps, variable); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// unshared copies a map so that it belongs to this collection alone.
func unshared(m *ebpf.MapSpec, programs map[string]*ebpf.ProgramSpec) *ebpf.MapSpec {
	m = m.Copy()
	m.Pinning = ebpf.PinNone
	if m.InnerMap != nil {
		m.InnerMap.Pinning = ebpf.PinNone
	}
	if holdsPrograms(m.Type) {
		m.Contents = slices.DeleteFunc(m.Contents, func(entry ebpf.MapKV) bool {
			name, isName := entry.Value.(string)
			return isName && programs[name] == nil
		})
	}
	return m
}

// memberPrograms returns the programs that a struct_ops map is made of, which name its type as what they attach to.
func memberPrograms(spec *ebpf.CollectionSpec, m *ebpf.MapSpec) []string {
	if m.Type != ebpf.StructOpsMap || m.Value == nil {
		return nil
	}
	var members []string
	for name, program := range spec.Programs {
		if program.Type == ebpf.StructOps && belongsTo(program.AttachTo, m.Value.TypeName()) {
			members = append(members, name)
		}
	}
	return members
}

func belongsTo(attachTo, typeName string) bool {
	return len(attachTo) > len(typeName) && attachTo[:len(typeName)] == typeName && attachTo[len(typeName)] == ':'
}

// setVariable changes the contents that a section of variables starts with. A section that no selected program uses is
// not there, and nothing could tell.
func setVariable(maps map[string]*ebpf.MapSpec, variable protocol.Variable) error {
	m := maps[variable.Section]
	if m == nil {
		return nil
	}
	end := variable.Offset + len(variable.Bytes)
	if variable.Offset < 0 || end > int(m.ValueSize) {
		return protocol.Errorf(protocol.BadRequest, "a variable from %d to %d does not lie in %s, which has %d bytes",
			variable.Offset, end, variable.Section, m.ValueSize)
	}
	value := make([]byte, m.ValueSize)
	if len(m.Contents) > 0 {
		initial, isBytes := m.Contents[0].Value.([]byte)
		if !isBytes {
			return fmt.Errorf("the contents of %s are not bytes", variable.Section)
		}
		copy(value, initial)
	}
	copy(value[variable.Offset:], variable.Bytes)
	m.Contents = []ebpf.MapKV{{Key: uint32(0), Value: value}}
	return nil
}
