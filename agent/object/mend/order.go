package mend

import (
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// reorder puts the functions of each program in libbpf's order, so that a kernel gets the same bytes of either. The library
// orders them by name.
func (o *Object) reorder(spec *ebpf.CollectionSpec) {
	for _, program := range spec.Programs {
		main := o.Code.Functions[program.Name]
		if main == nil || len(main.References) == 0 && main.Exception == nil {
			continue
		}
		pieces, isWhole := split(program.Instructions)
		order := o.Code.Order(main)
		if !isWhole || len(order) < 3 || len(order) != len(pieces) {
			continue
		}
		ordered := make(asm.Instructions, 0, len(program.Instructions))
		for _, function := range order {
			ordered = append(ordered, pieces[function.Name]...)
		}
		if len(ordered) == len(program.Instructions) {
			program.Instructions = ordered
		}
	}
}

// split takes a program apart into its functions by their names. It is not whole where two have one name.
func split(instructions asm.Instructions) (pieces map[string]asm.Instructions, isWhole bool) {
	pieces = make(map[string]asm.Instructions)
	start := 0
	for i := 1; i <= len(instructions); i++ {
		if i < len(instructions) && instructions[i].Symbol() == "" {
			continue
		}
		name := instructions[start].Symbol()
		if _, isKnown := pieces[name]; isKnown {
			return nil, false
		}
		pieces[name] = instructions[start:i]
		start = i
	}
	return pieces, true
}
