// Package loader brings each program of an object before the verifier of eBPF for Windows, and loads those that it accepts
// as far as the installation can.
package loader

import (
	"sync"

	"github.com/cilium/ebpf"

	"crossbpf/agent/efw"
	"crossbpf/agent/names"
	"crossbpf/agent/object"
	"crossbpf/agent/protocol"
	"crossbpf/agent/session"
)

// largestKept is how many bytes of a log a request may ask to keep in all.
const largestKept = 64 << 20

// Loader verifies and loads programs.
type Loader struct {
	library *efw.Library
	// missing is why there is no library.
	missing error
	means   func() efw.Means
}

// New returns a loader. Where eBPF for Windows is not installed, Ready says so.
func New() (*Loader, string) {
	library, err := efw.Open()
	if err != nil {
		return &Loader{missing: err}, ""
	}
	return &Loader{library: library, means: sync.OnceValue(library.Means)}, ""
}

// HasBTF tells whether the kernel has types.
func (l *Loader) HasBTF() bool { return false }

// Ready fails where eBPF for Windows is not installed, without which nothing can be asked of this machine. The error is a
// *protocol.Error that says what to do.
func (l *Loader) Ready() error { return l.missing }

// Runtime describes what runs programs.
func (l *Loader) Runtime() *protocol.RuntimeFacts {
	if l.missing != nil {
		return nil
	}
	version := l.library.Version()
	return &protocol.RuntimeFacts{Name: version.Product, Version: version.Number}
}

// HasJIT tells whether the installation takes instructions.
func (l *Loader) HasJIT() bool { return l.missing == nil && l.means().JIT }

// Warnings say what the installation cannot do, in words.
func (l *Loader) Warnings() []string {
	if l.missing != nil {
		return nil
	}
	var warnings []string
	means := l.means()
	if doubts := means.Doubts(); doubts != "" {
		warnings = append(warnings, doubts)
	}
	switch {
	case means.Lacking() == "":
	case means.JIT:
		warnings = append(warnings, "programs with global variables are verified, not loaded: "+means.Lacking())
	default:
		warnings = append(warnings, "programs are verified, not loaded: "+means.Lacking())
	}
	if len(efw.Sections()) == 0 {
		warnings = append(warnings, "no program types are registered: run export_program_info.exe of eBPF for Windows as an administrator")
	}
	return warnings
}

// Load answers for each program: the verdict is the verifier's, and how far a program was loaded is in its origin.
func (l *Loader) Load(request protocol.LoadRequest, data []byte, answer session.Answer) (protocol.LoadedReply, error) {
	if l.missing != nil {
		return protocol.LoadedReply{}, l.missing
	}
	if request.LogHead > largestKept || request.LogTail > largestKept-request.LogHead {
		return protocol.LoadedReply{}, protocol.Errorf(protocol.BadRequest, "logHead and logTail are more than %d bytes", largestKept)
	}
	file, err := object.ParseFor(names.Windows, data)
	if err != nil {
		return protocol.LoadedReply{}, protocol.Errorf(protocol.BadObject, "%v", err)
	}
	order := programOrder(file.Spec, request.Programs)
	if err := requirePrograms(file.Spec, order); err != nil {
		return protocol.LoadedReply{}, err
	}
	c := &candidate{loader: l, spec: file.Spec, data: data, keep: limits{request.LogHead, request.LogTail, request.LogInsns}}
	for _, name := range programOrder(file.Spec, nil) {
		if err := c.verify(name); err != nil {
			return protocol.LoadedReply{}, err
		}
	}
	c.load()
	for _, name := range order {
		if err := answer(c.replies[name], c.logs[name].text); err != nil {
			return protocol.LoadedReply{}, err
		}
	}
	return protocol.LoadedReply{Programs: len(order)}, nil
}

func requirePrograms(spec *ebpf.CollectionSpec, wanted []string) error {
	for _, name := range wanted {
		if spec.Programs[name] == nil {
			return protocol.Errorf(protocol.BadRequest, "the object has no program %q", name)
		}
	}
	return nil
}

// ErrnoName returns the name of the error in a chain, EBPF_KEY_NOT_FOUND, or nil where there is none.
func ErrnoName(err error) *string { return efw.ErrorName(err) }
