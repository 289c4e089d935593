package loader

import (
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/cilium/ebpf"

	"crossbpf/agent/efw"
	"crossbpf/agent/object"
	"crossbpf/agent/protocol"
)

// Library is the interface of eBPF for Windows; its error is why there is none.
func (l *Loader) Library() (*efw.Library, error) { return l.library, l.missing }

// LoadTogether loads programs of an object with maps that they share. A native image always has all of them. The error is
// a *protocol.Error where the selection asks for what the object has not; any other says what failed.
func (l *Loader) LoadTogether(file *object.File, data []byte, selection Selection) (*ebpf.Collection, error) {
	if l.missing != nil {
		return nil, l.missing
	}
	all, err := together(file.Spec, selection)
	if err != nil {
		return nil, err
	}
	means := l.means()
	switch {
	case means.HasNative():
		collection, err := means.LoadNative(data)
		if err != nil {
			return nil, err
		}
		return collection, setVariables(collection, all.Maps, selection.Variables)
	case !means.JIT:
		return nil, errors.New(means.Lacking())
	}
	maps.DeleteFunc(all.Maps, func(name string, _ *ebpf.MapSpec) bool { return isSection(name) })
	return ebpf.NewCollection(all)
}

// setVariables writes sections of variables anew that a scenario changes: in an image they are maps like others.
func setVariables(collection *ebpf.Collection, specs map[string]*ebpf.MapSpec, variables []protocol.Variable) error {
	var sections []string
	for _, variable := range variables {
		if !slices.Contains(sections, variable.Section) {
			sections = append(sections, variable.Section)
		}
	}
	for _, section := range sections {
		m, spec := collection.Maps[section], specs[section]
		if m == nil || spec == nil || len(spec.Contents) == 0 {
			continue
		}
		if err := m.Put(uint32(0), spec.Contents[0].Value); err != nil {
			collection.Close()
			return fmt.Errorf("set the variables of %s: %w", section, err)
		}
	}
	return nil
}

// isSection tells a map that is a section of variables.
func isSection(name string) bool { return name != "" && name[0] == '.' }
