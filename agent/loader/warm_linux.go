package loader

import (
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/protocol"
)

// usualTypes are types of the kernel that programs relocate against most. Decoding one decodes all that it refers to,
// which is a good part of the kernel's types.
var usualTypes = []string{"task_struct", "sk_buff", "sock", "file", "bpf_prog"}

// Warm does what is slow once and quick from then on, so that no load has to wait for it: it parses the types of the
// kernel and of its modules, and loads a program, which makes the library probe for all that it needs to know of the
// kernel. It returns what went wrong, in words.
func (l *Loader) Warm() []string {
	var failed []string
	if err := l.warmTypes(); err != nil {
		failed = append(failed, fmt.Sprintf("kernel types: %v", err))
	}
	if err := l.warmProbes(); err != nil {
		failed = append(failed, fmt.Sprintf("load a sample program: %v", err))
	}
	return failed
}

func (l *Loader) warmTypes() error {
	kernel, err := l.types.Kernel()
	if err != nil {
		return err
	}
	for _, name := range usualTypes {
		// A kernel without one of them only has less to decode.
		_, _ = kernel.AnyTypesByName(name)
	}
	modules, err := l.types.Modules()
	if err != nil {
		return err
	}
	for _, module := range modules {
		if _, err := l.types.Module(module); err != nil {
			return fmt.Errorf("module %s: %w", module, err)
		}
	}
	return nil
}

// warmProbes loads a program with all that the library probes for: names, a helper, a section of variables, and a map
// with types of its own.
func (l *Loader) warmProbes() error {
	number := &btf.Int{Name: "int", Size: 4, Encoding: btf.Signed}
	value := &btf.Struct{Name: "sample", Size: 4, Members: []btf.Member{{Name: "field", Type: number}}}
	spec := &ebpf.CollectionSpec{
		Maps: map[string]*ebpf.MapSpec{
			"sample": {Name: "sample", Type: ebpf.Array, KeySize: 4, ValueSize: 4, MaxEntries: 1, Key: number, Value: value},
			".bss": {Name: ".bss", Type: ebpf.Array, KeySize: 4, ValueSize: 4, MaxEntries: 1,
				Contents: []ebpf.MapKV{{Key: uint32(0), Value: make([]byte, 4)}}},
		},
		Programs: map[string]*ebpf.ProgramSpec{"sample": {
			Name: "sample", Type: ebpf.SocketFilter, License: "GPL",
			Instructions: asm.Instructions{
				asm.LoadMapPtr(asm.R1, 0).WithReference("sample"),
				asm.LoadMapPtr(asm.R1, 0).WithReference(".bss"),
				asm.FnKtimeGetNs.Call(),
				asm.Mov.Imm(asm.R0, 0),
				asm.Return(),
			},
		}},
	}
	shared := l.newSharedMaps(spec, mapNotes{})
	defer shared.Close()
	written := newTranscript()
	sample := &attempt{loader: l, spec: spec, program: spec.Programs["sample"], maps: shared, transcript: written}
	err := sample.run()
	l.sample = written.packed()
	l.closeDone()
	return err
}

// Rehearse loads the sample as it was prepared. Go's heap then has room for what a load takes, which the last garbage
// collection took back: a restored guest need not translate the code that makes some.
func (l *Loader) Rehearse() {
	if l.sample == nil {
		return
	}
	// A failure only makes the first load slower.
	_, _ = l.LoadPrepared(protocol.LoadRequest{}, l.sample, func(protocol.ProgramReply, []byte) error { return nil })
	l.closeDone()
}
