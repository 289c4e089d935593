package loader

import (
	"encoding/binary"
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/features"

	"crossbpf/agent/core"
	"crossbpf/agent/object"
	"crossbpf/agent/object/code"
)

// handover hands an object's programs to the kernel byte by byte as they stand in the object. The library decodes and
// encodes them anew, and CO-RE is not libbpf's there. So it only fills in what an object leaves to its loader: maps,
// and what the kernel has. A nil one leaves all to the library.
type handover struct {
	object   *code.Object
	resolver *core.Resolver
	order    binary.ByteOrder
	gated    bool
	// oldProbes says that helpers which read memory have to be replaced: see probeReads.
	oldProbes bool
	// relocated are the functions with relocations for CO-RE; nil until they are needed.
	relocated map[*code.Function]*relocatedCode
}

// relocatedCode is a function's code after CO-RE.
type relocatedCode struct {
	code []byte
	// poisoned are the relocations for which the kernel has nothing.
	poisoned []core.Relocation
	// own are instructions whose number is that of one of the program's own types, with the number in the object.
	own map[int]btf.TypeID
	// err is the first relocation that failed.
	err error
}

func (l *Loader) newHandover(file *object.File) *handover {
	if file.Code == nil {
		return nil
	}
	version, err := features.LinuxVersionCode()
	return &handover{
		object: file.Code, resolver: core.NewResolver(file.Spec.Types, l.types, file.ByteOrder),
		order: file.ByteOrder, gated: l.gate != nil, oldProbes: err == nil && version < probeReads,
	}
}

// probeReads is the first kernel with helpers that read the memory of the kernel or of a process: 6ae08ae3dea2 ("bpf: Add
// probe_read_{user, kernel} and probe_read_{user, kernel}_str helpers"). On older ones the library calls bpf_probe_read
// in their place, as libbpf does (bpf_object__sanitize_prog in its src/libbpf.c).
const probeReads = 5<<16 | 5<<8

// exactCode is a program as the kernel is to get it, but for the fields that the library fills in.
type exactCode struct {
	bytes []byte
	parts []exactPart
	// own are instructions whose number the library knows.
	own []int
	// poisoned are the relocations for which the kernel has nothing.
	poisoned  []core.Relocation
	order     binary.ByteOrder
	oldProbes bool
}

// exactPart is a function with its first instruction in the program.
type exactPart struct {
	*code.Function
	start int
}

// prepare returns a program for the library to load, and the code that is to take the place of what it makes of it.
func (h *handover) prepare(program *ebpf.ProgramSpec) (*ebpf.ProgramSpec, *exactCode, error) {
	if h == nil {
		return program, nil, nil
	}
	h.relocate()
	exact := &exactCode{order: h.order, oldProbes: h.oldProbes}
	prepared := program
	for i := program.Instructions.Iterate(); i.Next(); {
		if name := i.Ins.Symbol(); name != "" {
			if err := h.addPart(exact, name, int(i.Offset)); err != nil {
				return nil, nil, err
			}
		}
		if btf.CORERelocationMetadata(i.Ins) == nil {
			continue
		}
		if prepared == program {
			prepared = program.Copy()
		}
		h.takeOver(&prepared.Instructions[i.Index], exact, int(i.Offset))
	}
	if uint64(len(exact.bytes)) != program.Instructions.Size() {
		return nil, nil, fmt.Errorf("the library read %d bytes of code, not %d", program.Instructions.Size(), len(exact.bytes))
	}
	exact.link()
	if h.gated {
		return prepared, exact, nil
	}
	prepared, err := withoutGate(prepared, exact)
	return prepared, exact, err
}

// addPart puts a function behind the others.
func (h *handover) addPart(exact *exactCode, name string, start int) error {
	function := h.object.Functions[name]
	if function == nil || start*insnSize != len(exact.bytes) {
		return fmt.Errorf("function %s was not read as it stands in the object", name)
	}
	exact.parts = append(exact.parts, exactPart{function, start})
	relocated := h.relocated[function]
	if relocated == nil {
		exact.bytes = append(exact.bytes, function.Code...)
		return nil
	}
	if relocated.err != nil {
		return fmt.Errorf("apply CO-RE relocations: %w", relocated.err)
	}
	exact.bytes = append(exact.bytes, relocated.code...)
	exact.poisoned = append(exact.poisoned, relocated.poisoned...)
	return nil
}

// takeOver keeps a relocation from the library, unless it is one of the program's own types: their numbers are the
// library's.
func (h *handover) takeOver(instruction *asm.Instruction, exact *exactCode, at int) {
	last := exact.parts[len(exact.parts)-1]
	if relocated := h.relocated[last.Function]; relocated != nil {
		if id, isOwn := relocated.own[at-last.start]; isOwn {
			instruction.Constant = int64(id) // which linkers do not keep up
			exact.own = append(exact.own, at)
			return
		}
	}
	*instruction = btf.WithCORERelocationMetadata(*instruction, nil)
}

// relocate carries out the relocations of all functions, once.
func (h *handover) relocate() {
	if h.relocated != nil {
		return
	}
	h.relocated = make(map[*code.Function]*relocatedCode)
	for i := range h.object.Relocations {
		relocation := &h.object.Relocations[i]
		function := h.relocated[relocation.Function]
		if function == nil {
			function = &relocatedCode{code: append([]byte(nil), relocation.Function.Code...), own: make(map[int]btf.TypeID)}
			h.relocated[relocation.Function] = function
		}
		if err := h.apply(function, relocation); err != nil && function.err == nil {
			function.err = err
		}
	}
}

func (h *handover) apply(function *relocatedCode, relocation *code.Relocation) error {
	result, err := h.resolver.Resolve(relocation.Relocation)
	if err != nil {
		return err
	}
	if result.Own {
		function.own[relocation.At] = relocation.Type
		return nil
	}
	poisoned, err := result.Patch(function.code[relocation.At*insnSize:], h.order)
	if err != nil {
		return fmt.Errorf("%s: %w", relocation.Describe(h.resolver.Types()), err)
	}
	if poisoned {
		function.poisoned = append(function.poisoned, relocation.Relocation)
	}
	return nil
}

// poisoned names what a program asks of the kernel that this one does not have.
func (h *handover) poisoned(exact *exactCode) []string {
	var names []string
	seen := make(map[string]bool)
	for _, relocation := range exact.poisoned {
		name := relocation.Describe(h.resolver.Types())
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}
