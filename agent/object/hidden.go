package object

import (
	"debug/elf"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

// hideFunctions makes functions static that are hidden: a kernel verifies those with their callers and not by themselves,
// as libbpf asks it to (bpf_object__init_prog in its src/libbpf.c), and as aya's objects need it for memset and the like.
func hideFunctions(file *elf.File, spec *ebpf.CollectionSpec) {
	symbols, err := file.Symbols()
	if err != nil {
		return
	}
	hidden := map[string]bool{}
	for _, symbol := range symbols {
		visibility := elf.ST_VISIBILITY(symbol.Other)
		if elf.ST_TYPE(symbol.Info) == elf.STT_FUNC && (visibility == elf.STV_HIDDEN || visibility == elf.STV_INTERNAL) {
			hidden[symbol.Name] = true
		}
	}
	if len(hidden) == 0 {
		return
	}
	for _, program := range spec.Programs {
		for i := range program.Instructions {
			instruction := &program.Instructions[i]
			if i == 0 || !hidden[instruction.Symbol()] {
				continue
			}
			if function := btf.FuncMetadata(instruction); function != nil {
				function.Linkage = btf.StaticFunc
			}
		}
	}
}
