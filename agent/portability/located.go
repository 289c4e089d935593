package portability

import (
	"encoding/binary"
	"errors"

	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/core"
	objectcode "crossbpf/agent/object/code"
)

// place is an instruction of an object, counted from its function's first one in units of 8 bytes.
type place struct {
	function    *objectcode.Function
	instruction int
}

// code is the object's own, from the instruction on. Nobody may change it.
func (p place) code() []byte { return p.function.Code[p.instruction*asm.InstructionSize:] }

// located is an object with what its relocations come to on one kernel.
type located struct {
	*opened
	kernel   *btf.Spec
	outcomes map[place]*outcome
}

// outcome is what a relocation makes of an instruction.
type outcome struct {
	// code is the instruction, with the second half of a load of 64 bits.
	code []byte
	// failed says that the loader cannot carry it out, so that no program with the function loads.
	failed bool
	// poisoned says that the kernel has nothing of the kind: the verifier refuses the instruction where it comes by.
	poisoned bool
}

// locate carries out an object's relocations as the loader does: all of them, in their order.
func (o *opened) locate(kernel *btf.Spec) *located {
	l := &located{o, kernel, map[place]*outcome{}}
	resolver := core.NewResolver(o.types, imageTypes{kernel}, o.order)
	for _, relocation := range o.relocations {
		at := place{relocation.Function, relocation.At}
		l.outcomes[at] = carryOut(resolver, relocation, at, o.order)
	}
	return l
}

func carryOut(resolver *core.Resolver, relocation objectcode.Relocation, at place, order binary.ByteOrder) *outcome {
	original := at.code()
	made := &outcome{code: append([]byte(nil), original[:min(len(original), 2*asm.InstructionSize)]...)}
	result, err := resolver.Resolve(relocation.Relocation)
	if err == nil && !result.Own {
		made.poisoned, err = result.Patch(made.code, order)
	}
	made.failed = err != nil
	return made
}

// apply gives an instruction the fields that relocations change.
func (o *outcome) apply(instruction asm.Instruction, order binary.ByteOrder) asm.Instruction {
	if !instruction.OpCode.Class().IsALU() { // the size of an access; the library's codes of operations are its own
		instruction.OpCode = asm.OpCode(o.code[0])
	}
	instruction.Offset = int16(order.Uint16(o.code[2:]))
	instruction.Constant = int64(int32(order.Uint32(o.code[4:])))
	if instruction.OpCode.IsDWordLoad() {
		upper := order.Uint32(o.code[asm.InstructionSize+4:])
		instruction.Constant = int64(uint64(order.Uint32(o.code[4:])) | uint64(upper)<<32)
	}
	return instruction
}

// imageTypes are a kernel's types without those of its modules, which its image does not have.
type imageTypes struct{ kernel *btf.Spec }

func (t imageTypes) Kernel() (*btf.Spec, error) { return t.kernel, nil }

func (t imageTypes) Modules() ([]string, error) { return nil, errNoModules }

func (t imageTypes) Module(string) (*btf.Spec, error) { return nil, errNoModules }

var errNoModules = errors.New("the image of a kernel has no modules")
