// Package code holds the functions of a BPF object byte by byte as they stand there, and says which fields of their
// instructions are left to the loader.
package code

import "crossbpf/agent/core"

// InsnSize is the size of an instruction, in bytes. A load of 64 bits takes two.
const InsnSize = 8

// Kind says what an instruction refers to.
type Kind int

// The kinds of references.
const (
	// Call is a call of a function of the object, and Address a load of the address of one.
	Call Kind = iota
	Address
	// Map is a load of the address of a map, and Data one of the address of a variable in a section of them.
	Map
	Data
	// Extern is a load of something that the object does not have, and ExternCall a call of it.
	Extern
	ExternCall
)

// Reference is an instruction some fields of which the loader fills in.
type Reference struct {
	// At is the instruction, counted from the function's first one.
	At   int
	Kind Kind
	// Function is what Call and Address refer to.
	Function *Function
	// Place is where a variable is in its section.
	Place uint32
}

// Relocation is a CO-RE relocation with the instruction that it is about.
type Relocation struct {
	core.Relocation
	Function *Function
	// At is the instruction, counted from the function's first one.
	At int
}

// Function is a function of an object.
type Function struct {
	// Name is unique in the object.
	Name string
	// Section is where it is, from the instruction At on, and SectionIndex that section's number in the file.
	Section      string
	SectionIndex int
	At           int
	// Code is the object's own, which nobody may change.
	Code []byte
	// References are in the order of their instructions.
	References []Reference
	// Exception is what the kernel calls when the program throws; nil for its default.
	Exception *Function
}

// Count is how many instructions a function has; a load of 64 bits counts as two.
func (f *Function) Count() int { return len(f.Code) / InsnSize }

// Object is the code of an object.
type Object struct {
	// Functions are all functions by name.
	Functions map[string]*Function
	// Relocations are those for CO-RE, in the object's order.
	Relocations []Relocation
}

// Order returns the functions of a program as libbpf orders them: each behind the one that first refers to it, and
// behind those that the ones before it refer to (bpf_object__reloc_code in its src/libbpf.c). The exception callback is the
// last.
func (o *Object) Order(program *Function) []*Function {
	order := []*Function{program}
	seen := map[*Function]bool{program: true}
	var visit func(f *Function)
	visit = func(f *Function) {
		for _, reference := range f.References {
			if next := reference.Function; next != nil && !seen[next] {
				seen[next] = true
				order = append(order, next)
				visit(next)
			}
		}
	}
	visit(program)
	if exception := program.Exception; exception != nil && !seen[exception] {
		seen[exception] = true
		order = append(order, exception)
		visit(exception)
	}
	return order
}
