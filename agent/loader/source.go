package loader

import (
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/protocol"
)

// sourceOf says where in a program that is which a log blames, or nil where the program has no such place. The
// library has appended the program's functions to it when it read the object, in the order in which they are loaded.
func sourceOf(program asm.Instructions, found *blame) *protocol.Source {
	var function string
	var line *btf.Line
	for i := program.Iterate(); i.Next(); {
		if name := functionAt(i.Ins); name != "" {
			function, line = name, nil
		}
		if here, isLine := i.Ins.Source().(*btf.Line); isLine {
			line = here
		}
		from := int(i.Offset)
		to := from + int(i.Ins.Size()/asm.InstructionSize)
		if found.isIn(function, from, to) {
			return &protocol.Source{Insn: from, Function: function, At: locationOf(line)}
		}
	}
	return nil
}

// isIn tells whether an instruction of a function, with the numbers from and below to, is the one.
func (b *blame) isIn(function string, from, to int) bool {
	if b.function != "" {
		return b.function == function
	}
	return from <= b.insn && b.insn < to
}

// functionAt is the name of the function that begins with an instruction, or "".
func functionAt(instruction *asm.Instruction) string {
	if function := btf.FuncMetadata(instruction); function != nil {
		return function.Name
	}
	return instruction.Symbol()
}

// locationOf leaves out lines that the compiler made up, which have the number 0.
func locationOf(line *btf.Line) *protocol.Location {
	if line == nil || line.LineNumber() == 0 || line.FileName() == "" {
		return nil
	}
	return &protocol.Location{
		File:   line.FileName(),
		Line:   line.LineNumber(),
		Column: line.LineColumn(),
		Text:   line.Line(),
	}
}
