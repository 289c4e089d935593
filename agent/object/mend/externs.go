package mend

import (
	"cmp"
	"debug/elf"
	"slices"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// OptionsMap is the map that holds the values of kernel options.
const OptionsMap = ".kconfig"

// ExternKind is what an extern is in the kernel.
type ExternKind int

// Kinds of externs: a variable of the kernel or an address, a function, an option of its configuration.
const (
	KernelVariable ExternKind = iota
	KernelFunction
	KernelOption
)

// Extern is something that an object takes from the kernel.
type Extern struct {
	Kind ExternKind
	// Weak tells that the kernel need not have it.
	Weak bool
	// Type is that of a variable, without qualifiers; 0 for void, of which no more than the address is wanted. Of a
	// function, it is the function itself.
	Type btf.TypeID
}

// option is a kernel option that an object reads, by the number of its variable.
type option struct {
	name     string
	variable btf.TypeID
}

const extern = asm.Register(0)

// readExterns notes what an object takes from the kernel. The library takes for the kernel's symbols no variable but of
// type void, not even const void, and no option that need not be there: the first are all made void, and the section of
// the second gets another name, so that they are plain references.
func (o *Object) readExterns(m *image, t *types) {
	symbols, options := t.datasec(".ksyms"), t.datasec(OptionsMap)
	if symbols == 0 && options == 0 {
		return
	}
	weak := make(map[string]bool)
	for _, s := range m.symbols() {
		if s.section == int(elf.SHN_UNDEF) && s.bind == elf.STB_WEAK {
			weak[m.nameOf(s)] = true
		}
	}
	for _, number := range t.variables(symbols) {
		name := t.name(number)
		found := Extern{Kind: KernelFunction, Weak: weak[name], Type: btf.TypeID(number)}
		if t.kind(number) == kindVar {
			found.Kind, found.Type = KernelVariable, btf.TypeID(t.plain(t.reference(number)))
			if t.reference(number) != 0 {
				t.refer(number, 0)
			}
		}
		o.Externs[name] = found
	}
	for _, number := range t.variables(options) {
		name := t.name(number)
		o.Externs[name] = Extern{Kind: KernelOption, Weak: weak[name]}
		o.options = append(o.options, option{name, btf.TypeID(number)})
	}
	if options != 0 {
		t.rename(options, "kconfig")
		m.setWord(t.at[options]+8, 1) // a size, so that none is looked for
	}
}

// addOptions makes a map of the options, as libbpf does, whose contents the loader fills in.
func (o *Object) addOptions(spec *ebpf.CollectionSpec) error {
	if len(o.options) == 0 {
		return nil
	}
	section, places := &btf.Datasec{Name: OptionsMap}, make(map[string]uint32)
	variables, err := o.optionVariables(spec.Types)
	if err != nil {
		return err
	}
	for _, variable := range variables {
		places[variable.Name] = lay(section, variable)
	}
	if section.Size == 0 {
		return nil
	}
	spec.Maps[OptionsMap] = &ebpf.MapSpec{
		Name: OptionsMap, Type: ebpf.Array, KeySize: 4, ValueSize: section.Size, MaxEntries: 1,
		Flags: readOnlyForPrograms, Key: &btf.Void{}, Value: section,
	}
	for _, program := range spec.Programs {
		pointToOptions(program.Instructions, places)
	}
	return nil
}

// optionVariable is an option's variable with what decides its place.
type optionVariable struct {
	*btf.Var
	size, align uint32
}

// optionVariables gives the options in the order in which libbpf lays them out (cmp_externs in its src/libbpf.c): those of
// the widest alignment first, then the smallest, then by name.
func (o *Object) optionVariables(types *btf.Spec) ([]optionVariable, error) {
	var variables []optionVariable
	for _, option := range o.options {
		found, err := types.TypeByID(option.variable)
		if err != nil {
			return nil, err
		}
		variable, isVariable := found.(*btf.Var)
		if !isVariable {
			continue
		}
		size, err := btf.Sizeof(variable.Type)
		if err != nil {
			return nil, err
		}
		variables = append(variables, optionVariable{variable, uint32(size), alignOf(variable.Type, uint32(size))})
	}
	slices.SortFunc(variables, func(a, b optionVariable) int {
		return cmp.Or(cmp.Compare(b.align, a.align), cmp.Compare(a.size, b.size), cmp.Compare(a.Name, b.Name))
	})
	return variables, nil
}

// alignOf is the alignment of a number or of an array of such.
func alignOf(kind btf.Type, size uint32) uint32 {
	if array, isArray := btf.UnderlyingType(kind).(*btf.Array); isArray {
		element, err := btf.Sizeof(array.Type)
		if err != nil {
			return 1
		}
		return alignOf(array.Type, uint32(element))
	}
	return min(8, max(1, size))
}

// lay puts a variable behind the others, and returns its place.
func lay(section *btf.Datasec, variable optionVariable) (place uint32) {
	place = (section.Size + variable.align - 1) / variable.align * variable.align
	section.Vars = append(section.Vars, btf.VarSecinfo{
		Type:   &btf.Var{Name: variable.Name, Type: variable.Type, Linkage: btf.GlobalVar},
		Offset: place, Size: variable.size,
	})
	section.Size = place + variable.size
	return place
}

// readOnlyForPrograms is BPF_F_RDONLY_PROG, which makes the verifier know the values.
const readOnlyForPrograms = 1 << 7

// pointToOptions lets references to options be addresses in their map.
func pointToOptions(instructions asm.Instructions, places map[string]uint32) {
	for i := range instructions {
		instruction := &instructions[i]
		place, isOption := places[instruction.Reference()]
		if !isOption || !instruction.OpCode.IsDWordLoad() || instruction.Src != extern {
			continue
		}
		*instruction = instruction.WithReference(OptionsMap)
		instruction.Src = asm.PseudoMapValue
		instruction.Constant = int64(uint64(place) << 32)
	}
}
