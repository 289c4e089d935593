package portability

import (
	"fmt"

	"github.com/cilium/ebpf/asm"
)

// access is a read or a write of bytes of what a program is given.
type access struct {
	write, constant bool
	size            int
	offset          int64
}

// String writes it as the table of kernels does: "read 4 at 76", and "write 4 at 8 of a constant".
func (a access) String() string {
	switch {
	case a.constant:
		return fmt.Sprintf("write %d at %d of a constant", a.size, a.offset)
	case a.write:
		return fmt.Sprintf("write %d at %d", a.size, a.offset)
	}
	return fmt.Sprintf("read %d at %d", a.size, a.offset)
}

// noteAccess notes what an instruction reads or writes of the context, or reads behind a pointer of the kernel's. It may
// be reached with several bases: what is known of all of them together counts.
func (f *flow) noteAccess(index int, base value) {
	insn := &f.insns[index]
	class := insn.OpCode.Class()
	delete(f.accesses, index)
	delete(f.members, index)
	switch {
	case base.kind == context:
		f.accesses[index] = access{
			write: class != asm.LdXClass, constant: class == asm.StClass,
			size: insn.OpCode.Size().Sizeof(), offset: base.bits + int64(insn.Offset),
		}
	case base.kind == pointed && class == asm.LdXClass:
		f.members[index] = int(base.bits)
	}
}
