package core

import (
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// Targets are a kernel's types and those of its modules, as btf.Cache has them.
type Targets interface {
	Kernel() (*btf.Spec, error)
	Modules() ([]string, error)
	Module(name string) (*btf.Spec, error)
}

// candidate is a type of the target with the right name.
type candidate struct {
	types *btf.Spec
	what  btf.Type
}

// Resolver resolves the relocations of one object. Their order matters, as for libbpf: types that did not have what one
// relocation asked for are not asked again.
type Resolver struct {
	local      *btf.Spec
	targets    Targets
	order      binary.ByteOrder
	candidates map[btf.TypeID][]candidate
}

// NewResolver returns a resolver for an object with the given types.
func NewResolver(local *btf.Spec, targets Targets, order binary.ByteOrder) *Resolver {
	return &Resolver{local: local, targets: targets, order: order, candidates: make(map[btf.TypeID][]candidate)}
}

// Types are the object's own.
func (r *Resolver) Types() *btf.Spec { return r.local }

// localPart is a relocation with what it says of the object's own types.
type localPart struct {
	kind Kind
	root candidate
	// path leads to the field or the value; nil for a type.
	path *path
}

// Resolve computes what an instruction is to be changed to. Its error says why that cannot be told.
func (r *Resolver) Resolve(relocation Relocation) (Result, error) {
	result, err := r.resolve(relocation)
	if err != nil {
		return Result{}, fmt.Errorf("%s: %w", relocation.Describe(r.local), err)
	}
	return result, nil
}

func (r *Resolver) resolve(relocation Relocation) (Result, error) {
	part, err := r.parse(relocation)
	if err != nil {
		return Result{}, err
	}
	if part.kind == TypeIDLocal {
		id := uint64(relocation.Type)
		return Result{Own: true, old: id, new: id}, nil
	}
	candidates, err := r.find(relocation.Type, part.root.what)
	if err != nil {
		return Result{}, err
	}
	var matching []candidate
	var result Result
	bits := 0
	for _, one := range candidates {
		found, at, err := r.try(part, one)
		switch {
		case errors.Is(err, errNoMatch):
			continue
		case err != nil:
			return Result{}, err
		case len(matching) == 0:
			result, bits = found, at
		case at != bits:
			return Result{}, fmt.Errorf("field offset ambiguity: %d != %d", at, bits)
		case found.Poisoned != result.Poisoned || found.new != result.new:
			return Result{}, fmt.Errorf("relocation decision ambiguity: %s != %s", found.decision(), result.decision())
		}
		matching = append(matching, one)
	}
	if len(matching) == 0 {
		return r.without(part)
	}
	r.candidates[relocation.Type] = matching
	return result, nil
}

func (r *Resolver) parse(relocation Relocation) (localPart, error) {
	if r.local == nil {
		return localPart{}, errors.New("the object has no types")
	}
	root, err := r.local.TypeByID(relocation.Type)
	if err != nil {
		return localPart{}, err
	}
	part := localPart{kind: relocation.Kind, root: candidate{r.local, root}}
	if relocation.Kind.ofType() {
		if relocation.Access != "0" {
			return part, fmt.Errorf("path %q", relocation.Access)
		}
		return part, nil
	}
	access, err := parseAccess(relocation.Access)
	if err != nil {
		return part, err
	}
	switch {
	case relocation.Kind.ofEnumValue():
		part.path, err = valuePath(root, access)
	case relocation.Kind.ofField():
		part.path, err = fieldPathOf(root, access)
	default:
		err = fmt.Errorf("unknown kind %d of CO-RE relocation", relocation.Kind)
	}
	return part, err
}

// find looks for types of the same kind and the same name: in modules, only where the kernel itself has none.
func (r *Resolver) find(id btf.TypeID, root btf.Type) ([]candidate, error) {
	if found, known := r.candidates[id]; known {
		return found, nil
	}
	if root.TypeName() == "" {
		return nil, errors.New("a type without a name")
	}
	kernel, err := r.targets.Kernel()
	if err != nil {
		return nil, fmt.Errorf("load kernel spec: %w", err)
	}
	found, err := among(kernel, root)
	if err != nil {
		return nil, err
	}
	if len(found) == 0 {
		if found, err = r.findInModules(root); err != nil {
			return nil, err
		}
	}
	r.candidates[id] = found
	return found, nil
}

func (r *Resolver) findInModules(root btf.Type) (found []candidate, err error) {
	modules, err := r.targets.Modules()
	if err != nil {
		return nil, nil // this kernel has no types of modules
	}
	for _, name := range modules {
		module, err := r.targets.Module(name)
		if err != nil {
			return nil, fmt.Errorf("load BTF for kmod %s: %w", name, err)
		}
		more, err := among(module, root)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// among are the types of one place. The library finds them by a name without a flavour, which is cut a little
// differently.
func among(types *btf.Spec, root btf.Type) (found []candidate, err error) {
	name := root.TypeName()
	index := name
	if end := strings.LastIndex(name, "___"); end > 0 {
		index = name[:end]
	}
	named, err := byName(types.TypesByName, index)
	if errors.Is(err, btf.ErrNotFound) {
		return nil, nil
	}
	for _, one := range named {
		if sameKind(root, one) && namesMatch(name, one.TypeName()) {
			found = append(found, candidate{types, one})
		}
	}
	return found, err
}

// byName calls a function whose parameter is a string of a type that the library keeps to itself.
func byName[T ~string](find func(T) ([]btf.Type, error), name string) ([]btf.Type, error) {
	return find(T(name))
}

// errNoMatch says that a candidate does not have what is looked for.
var errNoMatch = errors.New("no match")

// try computes the result with one candidate, and where the field is in it.
func (r *Resolver) try(part localPart, one candidate) (result Result, bits int, err error) {
	if part.kind.ofType() {
		same, err := part.compare(one)
		if err == nil && !same {
			err = errNoMatch
		}
		if err != nil {
			return Result{}, 0, err
		}
		result, err = r.compute(part, nil, &one)
		return result, 0, err
	}
	var found *path
	if part.kind.ofEnumValue() {
		found = part.path.matchValue(one.what)
	} else {
		found, err = part.path.matchField(one.what)
	}
	if err == nil && found == nil {
		err = errNoMatch
	}
	if err != nil {
		return Result{}, 0, err
	}
	result, err = r.compute(part, found, &one)
	return result, found.bits, err
}

func (part localPart) compare(one candidate) (bool, error) {
	if part.kind == TypeMatches {
		return matcher{level: deepest}.match(part.root.what, one.what)
	}
	return typesAreCompatible(part.root.what, one.what, deepest)
}

// without is the result where no candidate has what is looked for.
func (r *Resolver) without(part localPart) (Result, error) { return r.compute(part, nil, nil) }

// compute is bpf_core_calc_relo: what the instruction holds by the object's types, and what it is to hold.
func (r *Resolver) compute(part localPart, found *path, target *candidate) (Result, error) {
	local, err := r.valueOf(part.kind, part.path, &part.root)
	if err != nil {
		return Result{}, err
	}
	wanted, err := r.valueOf(part.kind, found, target)
	if errors.Is(err, errPoison) {
		return Result{Poisoned: true}, nil
	}
	return Result{
		old: local.number, new: wanted.number, unchecked: local.ambiguous,
		oldSize: local.size, newSize: wanted.size, misfit: part.kind.ofField() && !mayResize(local, wanted),
	}, err
}

func (r *Resolver) valueOf(kind Kind, p *path, of *candidate) (value, error) {
	switch {
	case kind.ofType():
		return typeValue(kind, of)
	case kind.ofEnumValue():
		return enumValue(kind, p)
	}
	return fieldValue(kind, p, r.order)
}
