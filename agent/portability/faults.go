package portability

import (
	"fmt"
	"maps"
	"slices"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// faults holds what a program reads of its arguments, and of what they point to, against a kernel's types. moved are the
// loads that relocations change.
func (p *program) faults(kernel *btf.Spec, reached []bool, moved map[int]asm.Instruction) []Fault {
	list := []Fault{}
	given := signatureOf(p.spec, kernel)
	if given == nil {
		return list
	}
	if found, is := given.whole(p.spec); is {
		list = append(list, found)
	}
	r := reader{program: p, given: given, moved: moved, known: map[int]btf.Type{}}
	for _, index := range slices.Sorted(maps.Keys(p.read)) {
		if !reached[index] {
			continue
		}
		if found, is := r.fault(index); is {
			need := p.read[index]
			found.Need = &need
			list = append(list, found)
		}
	}
	return list
}

// reader finds the types of what a program's instructions load.
type reader struct {
	*program
	given *signature
	moved map[int]asm.Instruction
	known map[int]btf.Type // by instruction
}

func (r *reader) fault(index int) (Fault, bool) {
	if accessed, ok := r.flow.accesses[index]; ok {
		return r.given.fault(accessed)
	}
	base := r.loaded(r.flow.members[index])
	if base == nil {
		return Fault{}, false
	}
	insn := r.insn(index)
	offset, size := int(insn.Offset), insn.OpCode.Size().Sizeof()
	target := structBehind(base)
	if target == nil {
		return Fault{What: "struct behind " + r.given.describe(r.argumentOf(index)), Kind: "absent"}, true
	}
	if _, found := memberAt(target, offset, size); !found {
		return Fault{What: fmt.Sprintf("%d bytes at %d of %s", size, offset, typeWords(target)), Kind: "absent"}, true
	}
	return Fault{}, false
}

// loaded is the type of what an instruction loads; nil where it is not known.
func (r *reader) loaded(index int) btf.Type {
	if known, found := r.known[index]; found {
		return known
	}
	r.known[index] = nil // a loop's pointer may come from itself
	r.known[index] = r.typeOf(index)
	return r.known[index]
}

func (r *reader) typeOf(index int) btf.Type {
	if accessed, ok := r.flow.accesses[index]; ok {
		return r.given.typeAt(accessed.offset)
	}
	from, ok := r.flow.members[index]
	if !ok {
		return nil
	}
	target := structBehind(r.loaded(from))
	if target == nil {
		return nil
	}
	insn := r.insn(index)
	found, _ := memberAt(target, int(insn.Offset), insn.OpCode.Size().Sizeof())
	if structBehind(found) == nil {
		return nil
	}
	return found
}

// argumentOf is the argument that a chain of loads starts from.
func (r *reader) argumentOf(index int) int {
	for range len(r.flow.members) {
		from, ok := r.flow.members[index]
		if !ok {
			break
		}
		index = from
	}
	return r.given.at(r.flow.accesses[index].offset)
}

func (r *reader) insn(index int) asm.Instruction {
	if changed, ok := r.moved[index]; ok {
		return changed
	}
	return r.spec.Instructions[index]
}

// typeAt is the type of an argument, or of the result; nil where there is none, or where more is known of it than its type.
func (s *signature) typeAt(offset int64) btf.Type {
	number := s.at(offset)
	switch {
	case number < len(s.arguments):
		if s.open && structBehind(s.arguments[number]) == nil {
			return nil
		}
		return s.arguments[number]
	case number == len(s.arguments) && s.result != nil:
		return s.result
	}
	return nil
}

// fault tells what of a read of the context has no argument to read (btf_ctx_access in kernel/bpf/btf.c).
func (s *signature) fault(read access) (Fault, bool) {
	number := s.at(read.offset)
	if read.offset < 0 || number > len(s.arguments) || number == len(s.arguments) && s.result == nil {
		return Fault{What: s.describe(number), Kind: "absent"}, true
	}
	if read.offset%8 != 0 {
		return Fault{What: fmt.Sprintf("byte %d of the arguments of %s", read.offset, s.name), Kind: "absent"}, true
	}
	argument := s.typeAt(read.offset)
	if argument == nil {
		return Fault{}, false
	}
	switch t := plain(argument).(type) {
	case *btf.Void:
		return Fault{What: s.describe(number), Kind: "absent"}, true
	case *btf.Struct, *btf.Union:
		return Fault{What: s.describe(number), Kind: "value"}, true
	case *btf.Pointer:
		kind := pointerKind(t)
		if read.size != 8 {
			kind = "narrow"
		}
		return Fault{What: s.describe(number), Kind: kind}, kind != ""
	}
	return Fault{}, false
}

// whole tells what of a function no program can be called with (btf_distill_func_proto in kernel/bpf/btf.c). A tracepoint
// gives its arguments as they are.
func (s *signature) whole(spec *ebpf.ProgramSpec) (Fault, bool) {
	if spec.Type != ebpf.Tracing && spec.Type != ebpf.LSM || spec.AttachType == ebpf.AttachTraceRawTp || s.open {
		return Fault{}, false
	}
	for i, argument := range s.arguments {
		switch plain(argument).(type) {
		case *btf.Void:
			return Fault{What: s.name + " to be traced", Kind: "variable"}, true
		case *btf.Struct, *btf.Union:
			return Fault{What: s.describe(i), Kind: "value"}, true
		}
	}
	return Fault{}, false
}

// pointerKind is empty for a pointer that all kernels give to programs.
func pointerKind(pointer *btf.Pointer) string {
	switch target := plain(pointer.Target).(type) {
	case *btf.Void, *btf.Struct, *btf.Union:
		return ""
	case *btf.Int:
		if target.Size == 1 && target.Name == "char" {
			return ""
		}
		return "number"
	}
	return "other"
}

func (s *signature) describe(number int) string {
	if number == len(s.arguments) && s.result != nil {
		return "result of " + s.name
	}
	return fmt.Sprintf("argument %d of %s", number+1, s.name)
}

func typeWords(t btf.Type) string {
	if _, union := t.(*btf.Union); union {
		return "union " + t.TypeName()
	}
	return "struct " + t.TypeName()
}
