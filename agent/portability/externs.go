package portability

import (
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/core"
	"crossbpf/agent/object/mend"
)

// symbol is a variable of the kernel that a program refers to with its type.
type symbol struct {
	need int
	name string
	weak bool
}

// resolveKfuncs finds the functions that a kernel does not have, or has with another signature. What follows three
// underscores in a name is for the program alone, as for the loader.
func (p *program) resolveKfuncs(kernel *btf.Spec, object *opened, reached []bool, found *Finding) {
	for _, each := range p.kfuncs {
		// A strong one stops the loader, reached or not; a weak one the verifier that comes by.
		if each.weak && !anyReached(p.places[each.need], reached) {
			continue
		}
		there, fits := object.findFunction(kernel, each.name)
		switch {
		case !there:
			found.Absent = append(found.Absent, each.need)
		case !fits:
			found.Different = append(found.Different, each.need)
		}
	}
}

func (p *program) resolveSymbols(kernel *btf.Spec, object *opened, reached []bool, found *Finding) {
	for _, each := range p.symbols {
		if each.weak && !anyReached(p.places[each.need], reached) {
			continue
		}
		there, fits := object.findVariable(kernel, each.name)
		switch {
		case !there && !each.weak:
			found.Absent = append(found.Absent, each.need)
		case there && !fits:
			found.Different = append(found.Different, each.need)
		}
	}
}

// hasExtern tells whether a kernel has what a program can do without, so that its address is none but 0.
func (o *opened) hasExtern(kernel *btf.Spec, name string) bool {
	if o.externs[name].Kind == mend.KernelVariable {
		there, _ := o.findVariable(kernel, name)
		return there
	}
	there, fits := o.findFunction(kernel, name)
	return there && fits
}

func (o *opened) findFunction(kernel *btf.Spec, name string) (there, fits bool) {
	target, found := firstNamed[*btf.Func](kernel, core.EssentialName(name))
	if !found {
		return false, false
	}
	var local *btf.Func
	if o.types.TypeByName(name, &local) != nil {
		return true, true
	}
	return true, btf.CheckTypeCompatibility(local.Type, target.Type) == nil
}

func (o *opened) findVariable(kernel *btf.Spec, name string) (there, fits bool) {
	target, found := firstNamed[*btf.Var](kernel, name)
	if !found {
		return false, false
	}
	local, err := o.types.TypeByID(o.externs[name].Type)
	if err != nil {
		return true, true
	}
	return true, btf.CheckTypeCompatibility(local, btf.UnderlyingType(target.Type)) == nil
}

// firstNamed is the first thing of a kernel that has exactly a name. The library finds none where there are several forms.
func firstNamed[T btf.Type](kernel *btf.Spec, name string) (found T, is bool) {
	all, err := kernel.AnyTypesByName(name)
	if err != nil {
		return found, false
	}
	for _, each := range all {
		if named, ok := each.(T); ok && named.TypeName() == name {
			return named, true
		}
	}
	return found, false
}

// isTyped tells whether a name is a variable of the kernel's that is taken with its type; others are no more than addresses.
func (o *opened) isTyped(name string) bool {
	extern, found := o.externs[name]
	return found && extern.Kind == mend.KernelVariable && extern.Type != 0
}
