package loader

import (
	"bytes"
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"crossbpf/agent/names"
	"crossbpf/agent/object/code"
)

// withoutGate gives a program the instructions that it is to have by way of the library alone, for a kernel on which
// nothing stands between the two. Its error is that of an instruction which the library would change.
func withoutGate(program *ebpf.ProgramSpec, exact *exactCode) (*ebpf.ProgramSpec, error) {
	filled := make(map[int]bool)
	for _, part := range exact.parts {
		for _, reference := range part.References {
			filled[part.start+reference.At] = reference.Kind != code.Data
		}
	}
	for _, at := range exact.own {
		filled[at] = true
	}
	changed := *program
	changed.Instructions = make(asm.Instructions, 0, len(program.Instructions))
	for i := program.Instructions.Iterate(); i.Next(); {
		at := int(i.Offset)
		wanted := exact.bytes[at*insnSize : at*insnSize+int(i.Ins.Size())]
		if filled[at] {
			changed.Instructions = append(changed.Instructions, *i.Ins)
			continue
		}
		if i.Ins.IsLoadFromMap() && i.Ins.Reference() != "" {
			place := exact.order.Uint32(exact.bytes[(at+1)*insnSize+4:])
			i.Ins.Constant = int64(uint64(place) << 32)
			changed.Instructions = append(changed.Instructions, *i.Ins)
			continue
		}
		decoded, err := decode(wanted, i.Ins, exact)
		if err != nil {
			return nil, fmt.Errorf("instruction %d cannot be handed over as it is without a seccomp listener: %w", at, err)
		}
		changed.Instructions = append(changed.Instructions, decoded...)
	}
	return &changed, nil
}

// decode reads the instructions that stand where the library has read one, and sees to it that it would write them so.
func decode(wanted []byte, former *asm.Instruction, exact *exactCode) (asm.Instructions, error) {
	var written bytes.Buffer
	if _, err := former.Marshal(&written, exact.order); err == nil && bytes.Equal(written.Bytes(), wanted) {
		return asm.Instructions{*former}, nil
	}
	decoded, err := asm.AppendInstructions(nil, bytes.NewReader(wanted), exact.order, names.Linux)
	if err != nil {
		return nil, err
	}
	written.Reset()
	for i := range decoded {
		if _, err := decoded[i].Marshal(&written, exact.order); err != nil {
			return nil, err
		}
	}
	if !bytes.Equal(written.Bytes(), wanted) {
		return nil, fmt.Errorf("% x would become % x", wanted, written.Bytes())
	}
	decoded[0].Metadata = former.Metadata
	return decoded, nil
}
