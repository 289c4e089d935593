package loader

import (
	"maps"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/features"
	"golang.org/x/sys/unix"

	"crossbpf/agent/object"
)

// structOpsLinks is the first kernel that attaches a struct_ops map by a link, and that takes BPF_F_LINK: 68b04864ca42
// ("bpf: Create links for BPF struct_ops maps.").
const structOpsLinks = 6<<16 | 4<<8

// HasStructOpsLinks tells whether a struct_ops map can be made without being attached, and attached by a link.
func HasStructOpsLinks() bool {
	version, err := features.LinuxVersionCode()
	return err == nil && version >= structOpsLinks
}

// withoutOperations leaves out the struct_ops maps that this kernel would attach as it fills them.
func withoutOperations(specs map[string]*ebpf.MapSpec) {
	if HasStructOpsLinks() {
		return
	}
	maps.DeleteFunc(specs, func(_ string, m *ebpf.MapSpec) bool { return m.Type == ebpf.StructOpsMap })
}

// AttachOperations makes a struct_ops map on a kernel that has no links for it: the kernel calls its programs, which share
// the given maps, as soon as it is filled, and until its only key is deleted.
func (l *Loader) AttachOperations(file *object.File, name string, shared map[string]*ebpf.Map) (*ebpf.Collection, error) {
	linker := l.newLinker(file)
	all, err := together(file.Spec, Selection{Maps: []string{name}})
	if err != nil {
		return nil, err
	}
	if err := linker.linkAll(all.Programs); err != nil {
		return nil, err
	}
	all.Maps[name].Flags &^= unix.BPF_F_LINK
	options := ebpf.CollectionOptions{Cache: l.types, MapReplacements: make(map[string]*ebpf.Map)}
	for needed := range all.Maps {
		if needed != name && shared[needed] != nil {
			options.MapReplacements[needed] = shared[needed]
			all.Maps[needed] = all.Maps[needed].Copy()
			all.Maps[needed].Contents = nil
			all.Maps[needed].MaxEntries = shared[needed].MaxEntries()
		}
	}
	return l.loadAll(all, options, l.newHandover(file))
}
