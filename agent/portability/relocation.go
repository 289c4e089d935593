package portability

import (
	"strings"

	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/loader"
)

// resolve says what a kernel's types have of what a program needs.
func (p *program) resolve(kernel *btf.Spec, object *opened, version []byte) Finding {
	found := Finding{Absent: []int{}, Different: []int{}, Unreached: []int{}, Faults: []Fault{}}
	values, open, poisoned, moved := p.relocate(kernel, object)
	for index, name := range p.weakAddresses {
		if object.hasExtern(kernel, name) {
			open[index] = true
		} else {
			values[index] = 0
		}
	}
	reached := p.reachedWith(values, open, version)
	found.Unreached = p.unreached(reached)
	seen := map[int]bool{}
	for _, number := range poisoned {
		index := p.relocated[number]
		if need := p.stands[number]; reached[index] && !seen[need] {
			seen[need] = true
			found.Absent = append(found.Absent, need)
		}
	}
	p.resolveKfuncs(kernel, object, reached, &found)
	p.resolveSymbols(kernel, object, reached, &found)
	found.Faults = p.faults(kernel, reached, moved)
	found.Target, found.Result = missingTarget(p.spec, kernel), hookResult(p.spec, kernel)
	return found
}

// relocate gives the constants that relocated instructions get, the relocations that find nothing, and the loads as they
// are changed, by index.
func (p *program) relocate(kernel *btf.Spec, object *opened) (values map[int]int64, open map[int]bool, poisoned []int, moved map[int]asm.Instruction) {
	values, open, moved = map[int]int64{}, map[int]bool{}, map[int]asm.Instruction{}
	if len(p.relocations) == 0 {
		return values, open, nil, moved
	}
	// What matters of a type's own ID is that it is not 0.
	ownID := func(btf.Type) (btf.TypeID, error) { return 1, nil }
	fixups, err := btf.CORERelocate(p.relocations, []*btf.Spec{kernel}, object.order, ownID)
	if err != nil {
		for _, index := range p.relocated {
			open[index] = true
		}
		return values, open, nil, moved
	}
	for i := range fixups {
		index := p.relocated[i]
		if strings.HasSuffix(fixups[i].String(), "=poison") {
			poisoned = append(poisoned, i)
			open[index] = true
			continue
		}
		changed := p.spec.Instructions[index]
		if fixups[i].Apply(&changed) != nil {
			open[index] = true
		} else if changed.OpCode.Class().IsALU() || changed.OpCode.IsDWordLoad() {
			values[index] = changed.Constant
		} else {
			moved[index] = changed
		}
	}
	return values, open, poisoned, moved
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
