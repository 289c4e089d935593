package features

import (
	"slices"

	"crossbpf/agent/protocol"
)

// survey is one look at a kernel.
type survey struct {
	*prober
	types *kernelTypes
	open  []unclear
	// call calls a helper, and kfunc a kernel function; both are changed in place.
	call, kfunc []instruction
}

type unclear struct{ what, said string }

// Probe finds out what the running kernel has of BPF, by trying.
func Probe(request protocol.FeaturesRequest) (protocol.FeaturesReply, error) {
	s := &survey{
		prober: newProber(),
		call:   []instruction{{code: 0x85}, {code: 0xb7}, {code: 0x95}},
		kfunc:  []instruction{{code: 0x85, regs: 2 << 4}, {code: 0xb7}, {code: 0x95}},
	}
	types, err := readTypes()
	if err != nil {
		s.unknown("what needs the kernel's types", err.Error())
		types = &kernelTypes{}
	}
	s.types = types
	reply := protocol.FeaturesReply{
		ProgramTypes: s.programTypes(),
		AttachTypes:  s.attachTypes(),
		MapTypes:     s.mapTypes(),
		MapFlags:     s.mapFlags(),
		MapTypeFlags: s.mapTypeFlags(),
		Instructions: s.instructions(),
		StructOps:    structOps(types),
		Iterators:    s.iterators(),
		JIT:          jitFacts(),
		BTF:          btfFacts(),
		Limits:       s.limits(),
		LSMs:         activeLSMs(),
		Config:       kernelConfig(),
		Helpers:      map[string][]string{},
		Contexts:     map[string][]string{},
		Kfuncs:       []protocol.Kfunc{},
		LSMHooks:     []protocol.Hook{},

		SleepableMaps:  []string{},
		WithoutAddress: []string{},
	}
	kinds := s.tryKinds(listKinds(types))
	reply.Kinds = kindNames(kinds)
	reply.Results = s.results(kinds)
	reply.SleepableMaps = s.sleepableMaps(kinds, reply.MapTypes)
	if request.Helpers {
		reply.Helpers = s.helpersByKind(kinds)
	}
	if request.Kfuncs {
		reply.Kfuncs = s.kfuncs(kinds)
	}
	if request.Contexts {
		reply.Contexts = s.contexts(kinds, reply.Results)
	}
	if request.Hooks {
		reply.LSMHooks = s.lsmHooks()
		reply.WithoutAddress = s.withoutAddress()
	}
	reply.Unknown = make([]protocol.Unknown, 0, len(s.open))
	for _, each := range s.open {
		reply.Unknown = append(reply.Unknown, protocol.Unknown{What: each.what, Said: each.said})
	}
	return reply, nil
}

func kindNames(kinds []kind) []string {
	list := make([]string, 0, len(kinds))
	for _, k := range kinds {
		list = append(list, k.name)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
