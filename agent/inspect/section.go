package inspect

import (
	"cmp"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

// Section is a section of global variables: ".bss", ".data", ".rodata" or one whose name goes on after a dot.
type Section struct {
	Name string `json:"name"`
	// Variables are in their order in memory.
	Variables []Variable `json:"variables"`
}

// Variable is a global variable. Its layout may be null.
type Variable struct {
	Name string `json:"name"`
	// Offset and Size are in bytes.
	Offset uint32  `json:"offset"`
	Size   uint32  `json:"size"`
	Layout *Layout `json:"layout"`
}

// VariablePlace is a place in a section of variables: within the variable that lies there, or at its start.
type VariablePlace struct {
	Section string `json:"section"`
	// Offset is in bytes.
	Offset uint32 `json:"offset"`
}

// section describes a section of variables as if it were a struct. A variable without a layout is opaque in it.
func (d *describer) section(t *btf.Datasec, depth int) *Layout {
	layout := &Layout{Kind: "struct", Name: &t.Name, Size: t.Size, Members: []Member{}}
	for _, variable := range d.variables(t, depth) {
		member := Member{Name: variable.Name, Offset: variable.Offset, Layout: variable.Layout}
		if member.Layout == nil {
			member.Layout = opaque("variable", variable.Size)
		}
		layout.Members = append(layout.Members, member)
	}
	return layout
}

func (d *describer) variables(t *btf.Datasec, depth int) []Variable {
	variables := []Variable{}
	for _, place := range t.Vars {
		variable, ok := place.Type.(*btf.Var)
		if !ok || uint64(place.Offset)+uint64(place.Size) > uint64(t.Size) {
			continue
		}
		layout := d.describe(variable.Type, depth+1)
		if layout != nil && layout.Size > place.Size {
			layout = nil
		}
		variables = append(variables, Variable{variable.Name, place.Offset, place.Size, layout})
	}
	slices.SortStableFunc(variables, func(a, b Variable) int { return cmp.Compare(a.Offset, b.Offset) })
	return variables
}

// describeSections describes the sections of global variables that have types.
func (d *describer) describeSections(specs []*ebpf.MapSpec) []Section {
	sections := []Section{}
	for _, spec := range specs {
		section, ok := spec.Value.(*btf.Datasec)
		if ok && holdsVariables(spec.Name) {
			sections = append(sections, Section{Name: spec.Name, Variables: d.variables(section, 0)})
		}
	}
	return sections
}

// holdsVariables tells a program's own variables from those that the loader fills in, such as .kconfig.
func holdsVariables(name string) bool {
	for _, section := range []string{".bss", ".data", ".rodata"} {
		if name == section || strings.HasPrefix(name, section+".") {
			return true
		}
	}
	return false
}
