package features

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cilium/ebpf"
	lib "github.com/cilium/ebpf/features"

	"crossbpf/agent/names"
	"crossbpf/agent/object"
)

// returnZero is a program that every kind of hook accepts.
var returnZero = []instruction{{code: 0xb7}, {code: 0x95}}

// tryKinds loads a small program of each kind, and keeps those that the kernel loads. Where it says that the context's
// type or the return value is not as it should be, it knows the kind.
func (s *survey) tryKinds(all []kind) []kind {
	var present []kind
	for _, k := range all {
		said := s.load(attempt{kind: k, insns: returnZero})
		if said.errno == 0 || said.says("R0 ", "At program exit") {
			present = append(present, k)
		}
	}
	return present
}

// programTypes asks the library, whose probes know what each type needs.
func (s *survey) programTypes() []string {
	list := []string{}
	for t := ebpf.SocketFilter; t <= ebpf.Netfilter; t++ {
		if s.decide("program type "+names.ProgramType(t), lib.HaveProgramType(t)) {
			list = append(list, names.ProgramType(t))
		}
	}
	return list
}

// mapTypes asks the library too. It has no probe for insn_array, which 6.19 brought (b4ce5923e780, "bpf, x86: add new
// map type: instructions array"), nor for rhash.
func (s *survey) mapTypes() []string {
	list := []string{}
	for t := ebpf.Hash; t <= ebpf.Arena; t++ {
		if s.decide("map type "+names.MapType(t), lib.HaveMapType(t)) {
			list = append(list, names.MapType(t))
		}
	}
	for _, spec := range newMaps {
		if s.createMap(spec) {
			list = append(list, names.MapType(spec.Type))
		}
	}
	return list
}

// newMaps are of types that the library has no name for, from enum bpf_map_type of include/uapi/linux/bpf.h.
var newMaps = []*ebpf.MapSpec{
	{Type: 34, KeySize: 4, ValueSize: 16, MaxEntries: 1},                       // insn_array
	{Type: 35, KeySize: 4, ValueSize: 4, MaxEntries: 1, Flags: flagNoPrealloc}, // rhash
}

// createMap tells whether a map can be made.
func (s *survey) createMap(spec *ebpf.MapSpec) bool {
	m, err := ebpf.NewMap(spec)
	if err != nil {
		return false
	}
	_ = m.Close()
	return true
}

func (s *survey) mapFlags() []string {
	list := []string{}
	for _, flag := range []struct {
		name string
		flag lib.MapFlags
	}{
		{"BPF_F_INNER_MAP", lib.BPF_F_INNER_MAP},
		{"BPF_F_MMAPABLE", lib.BPF_F_MMAPABLE},
		{"BPF_F_NO_PREALLOC", lib.BPF_F_NO_PREALLOC},
		{"BPF_F_RDONLY_PROG", lib.BPF_F_RDONLY_PROG},
		{"BPF_F_WRONLY_PROG", lib.BPF_F_WRONLY_PROG},
	} {
		if s.decide("map flag "+flag.name, lib.HaveMapFlag(flag.flag)) {
			list = append(list, flag.name)
		}
	}
	return list
}

// attachTypes are those that the kernel's own enumeration has.
func (s *survey) attachTypes() []string {
	list := []string{}
	for _, name := range s.types.enumerators["bpf_attach_type"] {
		if !strings.HasPrefix(name, "__") {
			list = append(list, strings.ToLower(strings.TrimPrefix(name, "BPF_")))
		}
	}
	return list
}

// decide reads the answer of one of the library's probes, and notes one that is none.
func (s *survey) decide(what string, err error) bool {
	switch {
	case err == nil:
		return true
	case !errors.Is(err, ebpf.ErrNotSupported):
		s.unknown(what, err.Error())
	}
	return false
}

func (s *survey) unknown(what, said string) {
	s.open = append(s.open, unclear{what, object.OneLine(fmt.Sprint(said))})
}
