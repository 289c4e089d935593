package inspect

import (
	"cmp"
	"maps"
	"slices"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/names"
)

const flagSleepable = 1 << 4 // BPF_F_SLEEPABLE

// nameSet is a set of names that is written as a sorted list.
type nameSet map[string]bool

func (s nameSet) list() []string {
	return append([]string{}, slices.Sorted(maps.Keys(s))...)
}

func describeProgram(spec *ebpf.ProgramSpec) Program {
	program := Program{
		Name:        spec.Name,
		Section:     spec.SectionName,
		Type:        names.ProgramType(spec.Type),
		AttachType:  names.AttachType(spec.AttachType, spec.Type),
		AttachTo:    spec.AttachTo,
		Sleepable:   spec.Flags&flagSleepable != 0,
		Insns:       int(spec.Instructions.Size() / asm.InstructionSize),
		Subprograms: []string{},
	}
	helpers, kfuncs, used, features := nameSet{}, nameSet{}, nameSet{}, nameSet{}
	places := map[VariablePlace]bool{}
	for i := range spec.Instructions {
		instruction := &spec.Instructions[i]
		if i > 0 && instruction.Symbol() != "" {
			program.Subprograms = append(program.Subprograms, instruction.Symbol())
		}
		switch {
		case instruction.IsBuiltinCall():
			helpers[names.Helper(asm.BuiltinFunc(instruction.Constant))] = true
		case instruction.IsKfuncCall():
			kfuncs[instruction.Reference()] = true
		case instruction.IsLoadFromMap() && !isOwn(instruction.Reference()):
			used[instruction.Reference()] = true
			if instruction.Src == asm.PseudoMapValue && holdsVariables(instruction.Reference()) {
				places[VariablePlace{instruction.Reference(), uint32(uint64(instruction.Constant) >> 32)}] = true
			}
		}
		if btf.CORERelocationMetadata(instruction) != nil {
			program.CoreRelocations++
		}
		if feature := featureOf(instruction); feature != "" {
			features[feature] = true
		}
	}
	program.Helpers, program.Kfuncs, program.Maps = helpers.list(), kfuncs.list(), used.list()
	program.Features = features.list()
	program.Variables = slices.SortedFunc(maps.Keys(places), func(a, b VariablePlace) int {
		return cmp.Or(cmp.Compare(a.Section, b.Section), cmp.Compare(a.Offset, b.Offset))
	})
	if program.Variables == nil {
		program.Variables = []VariablePlace{}
	}
	return program
}
