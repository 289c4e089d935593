package object

import (
	"fmt"

	"github.com/cilium/ebpf"

	"crossbpf/agent/names"
)

// SetTypes gives programs the types that their sections do not say, as the programs that load such objects do. Attach types
// are the first that the type has, which the kernel wants of some.
func (f *File) SetTypes(types map[string]string) error {
	for name, text := range types {
		program := f.Spec.Programs[name]
		if program == nil {
			return fmt.Errorf("the object has no program %q", name)
		}
		kind, found := names.ProgramTypeNamed(text)
		if !found {
			return fmt.Errorf("there is no program type %q", text)
		}
		program.Type, program.AttachType, program.AttachTo, program.Flags = kind, firstAttachTypes[kind], "", 0
	}
	return nil
}

// firstAttachTypes are those of types that the kernel does not take without one.
var firstAttachTypes = map[ebpf.ProgramType]ebpf.AttachType{
	ebpf.CGroupSock:     ebpf.AttachCGroupInetSockCreate,
	ebpf.CGroupSockAddr: ebpf.AttachCGroupInet4Bind,
	ebpf.CGroupSockopt:  ebpf.AttachCGroupGetsockopt,
	ebpf.Netfilter:      ebpf.AttachNetfilter,
	ebpf.SkLookup:       ebpf.AttachSkLookup,
}
