package loader

import (
	"fmt"
	"slices"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/core"
	"crossbpf/agent/names"
	"crossbpf/agent/object"
	"crossbpf/agent/object/mend"
)

// pseudoBTF is what the source register of a load of 64 bits says of a type of the kernel.
const pseudoBTF = asm.Register(pseudoBtfID)

// absentKfunc is what stands for the number of a function that the kernel need not have. The library knows it in what
// the verifier says.
const absentKfunc = 0xdedc0de

// linker resolves what programs take from the kernel where cilium/ebpf does otherwise than libbpf
// (bpf_object__resolve_ksyms_btf_id in its src/libbpf.c): variables with a type, the address of a function, and functions
// of which the kernel has several forms.
type linker struct {
	loader  *Loader
	types   *btf.Spec
	externs map[string]mend.Extern
	// missing are kernel options that are not there, by their places.
	missing map[uint32]error
}

func (l *Loader) newLinker(file *object.File) *linker {
	return &linker{loader: l, types: file.Spec.Types, externs: file.Externs, missing: l.fillOptions(file)}
}

// link returns the program with its instructions resolved. It is the given one where there was nothing to do.
func (l *linker) link(program *ebpf.ProgramSpec) (*ebpf.ProgramSpec, error) {
	if l == nil || len(l.externs) == 0 {
		return program, nil
	}
	linked := program
	for i := range program.Instructions {
		instruction := &program.Instructions[i]
		reference := instruction.Reference()
		if reference == mend.OptionsMap {
			if err := l.missing[uint32(uint64(instruction.Constant)>>32)]; err != nil {
				return program, err
			}
			continue
		}
		extern, isExtern := l.externs[reference]
		if !isExtern || instruction.IsLoadFromMap() {
			continue
		}
		resolved, err := l.resolve(*instruction, extern)
		if err != nil {
			return program, err
		}
		if resolved == nil {
			continue
		}
		if linked == program {
			linked = program.Copy()
		}
		linked.Instructions[i] = keepNotes(*resolved, instruction)
	}
	return linked, nil
}

// linkAll links programs where they stand.
func (l *linker) linkAll(programs map[string]*ebpf.ProgramSpec) error {
	for name, program := range programs {
		linked, err := l.link(program)
		if err != nil {
			return fmt.Errorf("program %s: %w", name, err)
		}
		programs[name] = linked
	}
	return nil
}

// keepNotes copies to an instruction all that another carries but for what it refers to.
func keepNotes(to asm.Instruction, from *asm.Instruction) asm.Instruction {
	to = to.WithSymbol(from.Symbol()).WithSource(from.Source())
	if function := btf.FuncMetadata(from); function != nil {
		to = btf.WithFuncMetadata(to, function)
	}
	return to
}

// resolve returns what takes an instruction's place, or nil where the library does right.
func (l *linker) resolve(instruction asm.Instruction, extern mend.Extern) (*asm.Instruction, error) {
	if extern.Type == 0 {
		return nil, nil
	}
	local, err := l.types.TypeByID(extern.Type)
	if err != nil {
		return nil, fmt.Errorf("resolve .ksyms: %w", err)
	}
	name := instruction.Reference()
	if extern.Kind == mend.KernelVariable {
		return l.variable(instruction, name, extern, local)
	}
	function, isFunction := local.(*btf.Func)
	if !isFunction {
		return nil, nil
	}
	return l.function(instruction, name, extern, function)
}

// variable lets an instruction load the address of a variable of the kernel that has the given type.
func (l *linker) variable(load asm.Instruction, name string, extern mend.Extern, local btf.Type) (*asm.Instruction, error) {
	found, err := findInKernel[*btf.Var](l.loader, name)
	switch {
	case err != nil:
		return nil, fmt.Errorf("resolve .ksyms: %w", err)
	case found == nil && extern.Weak:
		return address(load, 0, 0), nil
	case found == nil:
		return nil, fmt.Errorf("resolve .ksyms: kernel is missing symbol: %s", name)
	}
	if err := btf.CheckTypeCompatibility(local, btf.UnderlyingType(found.what.Type)); err != nil {
		return nil, fmt.Errorf("resolve .ksyms: variable %q of the kernel has another type: %w", name, err)
	}
	return address(load, pseudoBTF, found.number()), nil
}

// function lets an instruction call a function of the kernel or load its address.
func (l *linker) function(instruction asm.Instruction, name string, extern mend.Extern, local *btf.Func) (*asm.Instruction, error) {
	found, err := findInKernel[*btf.Func](l.loader, core.EssentialName(name))
	if err != nil {
		return nil, fmt.Errorf("fixing up kfuncs: %w", err)
	}
	if found == nil && !extern.Weak {
		return nil, fmt.Errorf("fixing up kfuncs: kfunc %q: not supported", name)
	}
	if found != nil {
		if err := btf.CheckTypeCompatibility(local.Type, found.what.Type); err != nil {
			if !extern.Weak {
				return nil, fmt.Errorf("fixing up kfuncs: kfunc %q: %w", name, err)
			}
			found = nil
		}
	}
	isCall := !instruction.OpCode.IsDWordLoad()
	switch {
	case found == nil && isCall:
		return absentCall()
	case found == nil:
		return address(instruction, 0, 0), nil
	case !isCall:
		return address(instruction, pseudoBTF, found.number()), nil
	case found.module != nil:
		return nil, nil // the library lists the modules
	}
	instruction.Src, instruction.Constant, instruction.Offset = asm.PseudoKfuncCall, int64(found.id), 0
	instruction.Metadata = asm.Metadata{}
	instruction = instruction.WithReference(name)
	return &instruction, nil
}

func address(load asm.Instruction, source asm.Register, number int64) *asm.Instruction {
	return &asm.Instruction{OpCode: load.OpCode, Dst: load.Dst, Src: source, Constant: number}
}

func absentCall() (*asm.Instruction, error) {
	function, err := asm.BuiltinFuncForPlatform(names.Linux, absentKfunc)
	if err != nil {
		return nil, err
	}
	call := function.Call()
	return &call, nil
}

// kernelThing is something of the kernel's, or of a module's whose types are open.
type kernelThing[T btf.Type] struct {
	what   T
	id     btf.TypeID
	module *btf.Handle
}

// number is how a load of 64 bits names it.
func (t *kernelThing[T]) number() int64 {
	number := int64(t.id)
	if t.module != nil {
		number |= int64(t.module.FD()) << 32
	}
	return number
}

// findInKernel looks for something of exactly that name among the types of the kernel, then of its modules; nil where
// there is none. The first counts, as for libbpf.
func findInKernel[T btf.Type](l *Loader, name string) (*kernelThing[T], error) {
	kernel, err := l.types.Kernel()
	if err != nil {
		return nil, nil // which the kernel has none of
	}
	if found, err := findAmong[T](kernel, name); found != nil || err != nil {
		return found, err
	}
	modules, _ := l.types.Modules()
	for _, module := range modules {
		types, err := l.types.Module(module)
		if err != nil {
			continue
		}
		found, err := findAmong[T](types, name)
		if found == nil && err == nil {
			continue
		}
		if err == nil {
			found.module, err = moduleTypes(module)
			l.later(typesCloser{found.module})
		}
		return found, err
	}
	return nil, nil
}

func findAmong[T btf.Type](types *btf.Spec, name string) (*kernelThing[T], error) {
	named, err := types.AnyTypesByName(name)
	if err != nil {
		return nil, nil
	}
	index := slices.IndexFunc(named, func(t btf.Type) bool {
		_, isKind := t.(T)
		return isKind && t.TypeName() == name
	})
	if index < 0 {
		return nil, nil
	}
	id, err := types.TypeID(named[index])
	return &kernelThing[T]{what: named[index].(T), id: id}, err
}

// moduleTypes opens the types of a module.
func moduleTypes(name string) (*btf.Handle, error) {
	handles := new(btf.HandleIterator)
	defer handles.Handle.Close()
	for handles.Next() {
		if info, err := handles.Handle.Info(); err == nil && info.IsModule() && info.Name == name {
			return handles.Take(), nil
		}
	}
	return nil, fmt.Errorf("the types of module %s: %w", name, errUnavailable(handles))
}

// typesCloser closes types, of which no error is known.
type typesCloser struct{ handle *btf.Handle }

func (c typesCloser) Close() { _ = c.handle.Close() }

func errUnavailable(handles *btf.HandleIterator) error {
	if err := handles.Err(); err != nil {
		return err
	}
	return btf.ErrNotFound
}
