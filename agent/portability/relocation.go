package portability

import (
	"slices"

	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/loader"
)

// resolve says what a kernel's types have of what a program needs.
func (p *program) resolve(object *located, version []byte) Finding {
	found := Finding{Absent: []int{}, Different: []int{}, Unreached: []int{}, Faults: []Fault{}}
	kernel := object.kernel
	became := p.relocate(object)
	for index, name := range p.weakAddresses {
		if object.hasExtern(kernel, name) {
			became.open[index] = true
		} else {
			became.values[index] = 0
		}
	}
	reached := p.reachedWith(became.values, became.open, version)
	found.Unreached = p.unreached(reached)
	for number, need := range p.stands {
		switch outcome := object.outcomes[p.relocations[number]]; {
		case outcome == nil || slices.Contains(found.Absent, need):
		case outcome.failed:
			// The loader says so, whatever the verifier would reach.
			found.Absent = append(found.Absent, need)
			found.Unreached = slices.DeleteFunc(found.Unreached, func(each int) bool { return each == need })
		case outcome.poisoned && reached[p.relocated[number]]:
			found.Absent = append(found.Absent, need)
		}
	}
	p.resolveKfuncs(kernel, object.opened, reached, &found)
	p.resolveSymbols(kernel, object.opened, reached, &found)
	found.Faults = p.faults(kernel, reached, became.moved)
	found.Target, found.Result = missingTarget(p.spec, kernel), hookResult(p.spec, kernel)
	return found
}

// relocated is what relocations made of a program's instructions, by their indices: those that hold another constant,
// those that are not known, and loads with another offset or size.
type relocated struct {
	values map[int]int64
	open   map[int]bool
	moved  map[int]asm.Instruction
}

func (p *program) relocate(object *located) relocated {
	became := relocated{map[int]int64{}, map[int]bool{}, map[int]asm.Instruction{}}
	for number, place := range p.relocations {
		index, outcome := p.relocated[number], object.outcomes[place]
		if outcome == nil || outcome.failed || outcome.poisoned {
			became.open[index] = true
			continue
		}
		changed := outcome.apply(p.spec.Instructions[index], object.order)
		if changed.OpCode.Class().IsALU() || changed.OpCode.IsDWordLoad() {
			became.values[index] = changed.Constant
		} else {
			became.moved[index] = changed
		}
	}
	return became
}

func anyReached(indices []int, reached []bool) bool {
	for _, index := range indices {
		if reached[index] {
			return true
		}
	}
	return false
}

func hasFunction(kernel *btf.Spec, name string) bool {
	var function *btf.Func
	return kernel.TypeByName(name, &function) == nil
}

// describe names what a relocation asks for, as the agent does where a guest lacks it.
func (o *opened) describe(relocation *btf.CORERelocation) string {
	return loader.DescribeRelocation(relocation.String(), o.types)
}
