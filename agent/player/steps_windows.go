package player

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/cilium/ebpf"

	"crossbpf/agent/protocol"
)

// carryOut does one step. Parts of the reply may be there even with an error.
func (s *scene) carryOut(step protocol.Step, deadline time.Time) (protocol.StepReply, error) {
	switch step.Kind {
	case protocol.StepRun:
		return s.run(step)
	case protocol.StepAttach:
		return protocol.StepReply{}, s.attach(step)
	case protocol.StepDetach:
		return protocol.StepReply{}, s.detach(step.As)
	case protocol.StepTrigger:
		return trigger(step.Event, deadline)
	case protocol.StepDump:
		entries, err := s.dump(step.Map, deadline)
		return protocol.StepReply{Entries: &entries}, err
	case protocol.StepLookup, protocol.StepLookupDelete:
		entry, err := s.lookup(step)
		return protocol.StepReply{Entries: &[]protocol.Entry{entry}}, err
	case protocol.StepUpdate:
		return protocol.StepReply{}, s.update(step)
	case protocol.StepDelete:
		return protocol.StepReply{}, s.delete(step)
	case protocol.StepRecords:
		return s.records(step, deadline)
	case protocol.StepText:
		return protocol.StepReply{}, absent("eBPF for Windows has no iterators")
	case protocol.StepTrace:
		return protocol.StepReply{}, absent("what bpf_printk writes goes to tracing on Windows, from where it is not read")
	}
	return protocol.StepReply{}, fmt.Errorf("unknown kind of step %q", step.Kind)
}

// absent says that there is nothing like a step on Windows.
func absent(format string, arguments ...any) error {
	return absentHere{fmt.Errorf(format, arguments...)}
}

func (s *scene) program(name string) (*ebpf.Program, error) {
	if program := s.collection.Programs[name]; program != nil {
		return program, nil
	}
	return nil, fmt.Errorf("the scenario has not loaded a program %q", name)
}

func (s *scene) findMap(name string) (*ebpf.Map, error) {
	if m := s.collection.Maps[name]; m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("the object has no map %q", name)
}

// mapsOf returns the names of the maps that a request speaks of.
func mapsOf(request protocol.PlayRequest, spec *ebpf.CollectionSpec) []string {
	named := make(map[string]bool)
	for _, name := range request.Dumps {
		named[name] = true
	}
	for _, step := range request.Steps {
		named[step.Map] = true
	}
	maps.DeleteFunc(named, func(name string, _ bool) bool { return spec.Maps[name] == nil })
	return slices.Sorted(maps.Keys(named))
}
