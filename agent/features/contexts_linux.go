package features

import (
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
)

// contextSize is more than any context has that is a struct of its own: __sk_buff, the longest but bpf_sock_ops, has 192
// bytes, bpf_sock_ops less than 256.
const contextSize = 256

// access is a read or a write of some bytes of what a program is given.
type access struct {
	write        bool
	size, offset int
}

// String writes it as the table does: "read 4 at 76".
func (a access) String() string {
	verb := "read"
	if a.write {
		verb = "write"
	}
	return fmt.Sprintf("%s %d at %d", verb, a.size, a.offset)
}

// sizes are the codes of the sizes that an instruction has, in bytes.
var sizes = map[int]uint8{1: 0x10, 2: 0x08, 4: 0x00, 8: 0x18}

// insn is r3 = *(size *)(r1 + offset), or the write of r2 there.
func (a access) insn() instruction {
	if a.write {
		return instruction{code: 0x63 | sizes[a.size], regs: 1 | 2<<4, offset: int16(a.offset)}
	}
	return instruction{code: 0x61 | sizes[a.size], regs: 3 | 1<<4, offset: int16(a.offset)}
}

// contexts finds which bytes of their contexts programs of each kind may read and write, and in which sizes. What tracing
// programs, hooks and struct_ops are given is in the kernel's types, and a record of a tracepoint is its own matter.
func (s *survey) contexts(kinds []kind, results map[string][]int) map[string][]string {
	found := map[string][]string{}
	for _, k := range kinds {
		_, done := found[k.name]
		if done || k.attachID != 0 || k.program == ebpf.TracePoint || k.program == ebpf.Syscall || strings.HasSuffix(k.name, "+sleepable") {
			continue
		}
		if len(results[k.name]) == 0 {
			continue
		}
		p := contextProbe{survey: s, kind: k, result: results[k.name][0]}
		list := []string{}
		for _, each := range append(p.reads(), p.writes()...) {
			list = append(list, each.String())
		}
		slices.Sort(list)
		found[k.name] = list
	}
	return found
}

type contextProbe struct {
	*survey
	kind   kind
	result int
}

// reads tries each aligned access of each size.
func (p contextProbe) reads() []access {
	var allowed []access
	for _, size := range []int{1, 2, 4, 8} {
		var all []access
		for offset := 0; offset+size <= contextSize; offset += size {
			all = append(all, access{size: size, offset: offset})
		}
		allowed = append(allowed, p.allowed(all)...)
	}
	return allowed
}

// writes tries halves of numbers only where the whole number may be written.
func (p contextProbe) writes() []access {
	var allowed []access
	for _, size := range []int{4, 8} {
		var all []access
		for offset := 0; offset+size <= contextSize; offset += size {
			all = append(all, access{write: true, size: size, offset: offset})
		}
		allowed = append(allowed, p.allowed(all)...)
	}
	var parts []access
	for _, whole := range allowed {
		for _, size := range []int{1, 2} {
			for offset := whole.offset; whole.size == 4 && offset < whole.offset+4; offset += size {
				parts = append(parts, access{write: true, size: size, offset: offset})
			}
		}
	}
	return append(allowed, p.allowed(parts)...)
}

// allowed are those of a list that the kernel accepts. A list that it accepts as a whole takes one program.
func (p contextProbe) allowed(list []access) []access {
	switch {
	case len(list) == 0:
		return nil
	case p.accepts(list):
		return list
	case len(list) == 1:
		return nil
	}
	half := len(list) / 2
	return append(p.allowed(list[:half]), p.allowed(list[half:])...)
}

func (p contextProbe) accepts(list []access) bool {
	// r2 = 0
	insns := []instruction{{code: 0xb7, regs: 2}}
	for _, each := range list {
		insns = append(insns, each.insn())
	}
	insns = append(insns, instruction{code: 0xb7, imm: int32(p.result)}, exit)
	return p.load(attempt{kind: p.kind, insns: insns, silent: true}).errno == 0
}
