package features

import (
	"slices"
	"strings"

	"github.com/cilium/ebpf"

	"crossbpf/agent/protocol"
)

// lsmHooks loads a program for each hook, and one that may sleep.
func (s *survey) lsmHooks() []protocol.Hook {
	list := []protocol.Hook{}
	for name, id := range s.types.functions {
		hook, found := strings.CutPrefix(name, "bpf_lsm_")
		if !found || !s.loads(kind{program: ebpf.LSM, expected: ebpf.AttachLSMMac, attachID: id}) {
			continue
		}
		sleepable := kind{program: ebpf.LSM, expected: ebpf.AttachLSMMac, attachID: id, flags: flagSleepable}
		list = append(list, protocol.Hook{Name: hook, Sleepable: s.loads(sleepable)})
	}
	slices.SortFunc(list, func(a, b protocol.Hook) int { return strings.Compare(a.Name, b.Name) })
	return list
}

// loads tells whether a program of a kind can be loaded, with the return value left aside.
func (s *survey) loads(k kind) bool {
	said := s.load(attempt{kind: k, insns: returnZero})
	return said.errno == 0 || said.says("R0 ", "At program exit")
}

// iterators are those of which the kernel has a function that a program attaches to, and which was registered.
func (s *survey) iterators() []string {
	list := []string{}
	for name, id := range s.types.functions {
		iterator, found := strings.CutPrefix(name, "bpf_iter_")
		if found && s.loads(kind{program: ebpf.Tracing, expected: ebpf.AttachTraceIter, attachID: id}) {
			list = append(list, iterator)
		}
	}
	slices.Sort(list)
	return list
}
