package player

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"crossbpf/agent/loader"
	"crossbpf/agent/names"
	"crossbpf/agent/protocol"
)

// attachment is a program where it is attached, under the name that the scenario gave it.
type attachment struct {
	name   string
	detach func() error
	// iterator is there for a program that gives text.
	iterator *link.Iter
}

// attach attaches a program, or a map of struct_ops, on the stage.
func (s *scene) attach(step protocol.Step) error {
	if s.attachmentAt(step.As) >= 0 {
		return fmt.Errorf("there is an attachment %q already", step.As)
	}
	made, err := s.makeAttachment(step)
	if err != nil {
		return named(fmt.Errorf("attach %s: %w", step.Program, err))
	}
	made.name = step.As
	s.attached = append(s.attached, made)
	return nil
}

func (s *scene) makeAttachment(step protocol.Step) (attachment, error) {
	if m := s.collection.Maps[step.Program]; m != nil && m.Type() == ebpf.StructOpsMap {
		return linked(link.AttachStructOps(link.StructOpsOptions{Map: m}))
	}
	if m := s.spec.Maps[step.Program]; m != nil && m.Type == ebpf.StructOpsMap {
		return s.attachOperations(step.Program)
	}
	program, err := s.program(step.Program)
	if err != nil {
		return attachment{}, err
	}
	spec := s.spec.Programs[step.Program]
	target := step.Target
	if target == nil {
		if target, err = defaultTarget(spec); err != nil {
			return attachment{}, err
		}
	}
	if spec.Type == ebpf.Tracing && spec.AttachType == ebpf.AttachTraceIter {
		return s.attachIterator(program, target)
	}
	if target == nil {
		return s.attachLoaded(program, spec)
	}
	return s.attachTo(program, spec, target)
}

// attachTo attaches a program to the place that the step or its section names.
func (s *scene) attachTo(program *ebpf.Program, spec *ebpf.ProgramSpec, target *protocol.AttachTarget) (attachment, error) {
	if !suits(target.At, spec.Type) {
		return attachment{}, fmt.Errorf("a program of type %s cannot be attached to a %s", names.ProgramType(spec.Type), target.At)
	}
	switch target.At {
	case protocol.AtKprobe:
		return attachKprobe(program, spec, target)
	case protocol.AtUprobe:
		return s.attachUprobe(program, spec, target)
	case protocol.AtTracepoint:
		made, err := linked(link.Tracepoint(target.Group, target.Name, program, nil))
		return made, absent(err, "the kernel has no tracepoint %s/%s", target.Group, target.Name)
	case protocol.AtRawTracepoint:
		return linked(link.AttachRawTracepoint(link.RawTracepointOptions{Name: target.Name, Program: program}))
	case protocol.AtPerfEvent:
		return attachPerfEvent(program, target.Hertz)
	case protocol.AtInterface:
		return s.attachInterface(program, spec, target)
	case protocol.AtNetfilter:
		return s.attachNetfilter(program, target)
	case protocol.AtCgroup:
		return s.attachCgroup(program, spec)
	case protocol.AtSocket:
		return s.attachSocket(program)
	case protocol.AtMap:
		return s.attachMap(program, spec, target)
	}
	return attachment{}, fmt.Errorf("unknown place %q", target.At)
}

// suits tells whether a type of program can be attached to a place.
func suits(place string, kind ebpf.ProgramType) bool {
	switch place {
	case protocol.AtKprobe, protocol.AtUprobe:
		return kind == ebpf.Kprobe
	case protocol.AtTracepoint:
		return kind == ebpf.TracePoint
	case protocol.AtRawTracepoint:
		return kind == ebpf.RawTracepoint || kind == ebpf.RawTracepointWritable
	case protocol.AtPerfEvent:
		return kind == ebpf.PerfEvent
	case protocol.AtInterface:
		return kind == ebpf.XDP || kind == ebpf.SchedCLS
	case protocol.AtNetfilter:
		return kind == ebpf.Netfilter
	case protocol.AtCgroup:
		return isCgroupType(kind)
	case protocol.AtSocket:
		return kind == ebpf.SocketFilter || kind == ebpf.SkReuseport
	case protocol.AtMap:
		return kind == ebpf.SkSKB || kind == ebpf.SkMsg
	}
	return true
}

// attachOperations attaches a map of struct_ops where the kernel has no links for it.
func (s *scene) attachOperations(name string) (attachment, error) {
	made, err := s.player.loader.AttachOperations(s.file, name, s.collection.Maps)
	if err != nil {
		return attachment{}, err
	}
	return attachment{detach: func() error {
		defer made.Close()
		return made.Maps[name].Delete(uint32(0))
	}}, nil
}

// linked is an attachment of cilium/ebpf's.
func linked(l link.Link, err error) (attachment, error) {
	if err != nil {
		return attachment{}, err
	}
	return attachment{detach: l.Close}, nil
}

func (s *scene) attachmentAt(name string) int {
	return slices.IndexFunc(s.attached, func(a attachment) bool { return a.name == name })
}

// detach ends one attachment.
func (s *scene) detach(name string) error {
	at := s.attachmentAt(name)
	if at < 0 {
		return fmt.Errorf("there is no attachment %q", name)
	}
	ended := s.attached[at]
	s.attached = slices.Delete(s.attached, at, at+1)
	if err := ended.detach(); err != nil {
		return fmt.Errorf("detach %s: %w", name, err)
	}
	return nil
}

// detachAll ends what is still attached, the last first.
func (s *scene) detachAll() {
	for _, a := range slices.Backward(s.attached) {
		_ = a.detach()
	}
	s.attached = nil
}

// absent says in few words that there is nothing to attach to, where that is the error.
func absent(err error, format string, arguments ...any) error {
	if err == nil || !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, link.ErrNoSymbol) {
		return err
	}
	return fmt.Errorf(format+": %w", append(arguments, unix.ENOENT)...)
}

// namedError adds the name of a system's error to one that has lost it on its way.
type namedError struct {
	error
	errno unix.Errno
}

func (e namedError) Unwrap() error { return e.errno }

// named gives a name to the errors that cilium/ebpf makes of what the kernel said.
func named(err error) error {
	switch {
	case loader.ErrnoName(err) != nil:
		return err
	case errors.Is(err, ebpf.ErrNotSupported):
		return namedError{err, unix.EOPNOTSUPP}
	case errors.Is(err, fs.ErrNotExist):
		return namedError{err, unix.ENOENT}
	}
	return err
}
