package loader

import (
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/object"
)

// refusedTypes is what the kernel said of types that it did not take; "" where that was not what failed.
func refusedTypes(err error) string {
	if err == nil {
		return ""
	}
	_, said, found := strings.Cut(ownWords(err), "load BTF: ")
	if !found {
		return ""
	}
	return object.OneLine(said)
}

// withoutTypes copies a program without what says of its functions and lines: libbpf goes on so where a kernel does not
// take an object's types (bpf_object__sanitize_and_load_btf in its src/libbpf.c).
func withoutTypes(program *ebpf.ProgramSpec) *ebpf.ProgramSpec {
	bare := program.Copy()
	for i := range bare.Instructions {
		instruction := &bare.Instructions[i]
		if instruction.Source() != nil {
			*instruction = instruction.WithSource(nil)
		}
		if btf.FuncMetadata(instruction) != nil {
			*instruction = btf.WithFuncMetadata(*instruction, nil)
		}
	}
	return bare
}
