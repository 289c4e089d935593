package loader

import (
	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// Ready fails where the agent has no right to load programs. What else goes wrong is told of each program.
func (l *Loader) Ready() error {
	// Of a type that a kernel permits nobody without rights, whatever kernel.unprivileged_bpf_disabled says.
	program, err := ebpf.NewProgram(&ebpf.ProgramSpec{
		Name:         "ready",
		Type:         ebpf.XDP,
		License:      "GPL",
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 2), asm.Return()},
	})
	if err == nil {
		return program.Close()
	}
	if isPermission(err) {
		return permissionDenied(err)
	}
	return nil
}
