package player

import (
	"fmt"
	"slices"

	"github.com/cilium/ebpf/link"

	"crossbpf/agent/names"
	"crossbpf/agent/protocol"
)

// attachment is a program where it is attached, under the name that the scenario gave it.
type attachment struct {
	name string
	link link.Link
}

// attach attaches a program to all that its section names. An XDP program would need an interface of its own, as the
// scenario's on Linux is.
func (s *scene) attach(step protocol.Step) error {
	if s.attachmentAt(step.As) >= 0 {
		return fmt.Errorf("there is an attachment %q already", step.As)
	}
	program, err := s.program(step.Program)
	if err != nil {
		return err
	}
	spec := s.spec.Programs[step.Program]
	kind := names.ProgramType(spec.Type)
	switch {
	case kind == "xdp":
		s.absent = append(s.absent, step.As)
		return absent("the scenario has no interface on Windows to attach an XDP program to")
	case step.Target != nil && step.Target.At != protocol.AtCgroup:
		s.absent = append(s.absent, step.As)
		return absent("eBPF for Windows attaches programs to what their sections name, not to a %s", step.Target.At)
	}
	made, err := link.AttachRawLink(link.RawLinkOptions{Program: program, Attach: spec.AttachType})
	if err != nil {
		return fmt.Errorf("attach %s: %w", step.Program, err)
	}
	s.attached = append(s.attached, attachment{step.As, made})
	return nil
}

func (s *scene) attachmentAt(name string) int {
	return slices.IndexFunc(s.attached, func(a attachment) bool { return a.name == name })
}

// detach ends one attachment.
func (s *scene) detach(name string) error {
	at := s.attachmentAt(name)
	if slices.Contains(s.absent, name) {
		return absent("%s was not attached", name)
	}
	if at < 0 {
		return fmt.Errorf("there is no attachment %q", name)
	}
	ended := s.attached[at]
	s.attached = slices.Delete(s.attached, at, at+1)
	if err := ended.link.Close(); err != nil {
		return fmt.Errorf("detach %s: %w", name, err)
	}
	return nil
}

// detachAll ends what is still attached, the last first.
func (s *scene) detachAll() {
	for _, a := range slices.Backward(s.attached) {
		_ = a.link.Close()
	}
	s.attached = nil
}
