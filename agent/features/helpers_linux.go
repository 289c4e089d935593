package features

import (
	"slices"
	"strings"

	"github.com/cilium/ebpf/asm"
	"golang.org/x/sys/unix"

	"crossbpf/agent/names"
)

// What the verifier says of a helper that is not there: for no program, for none of this kind, for none that does not
// sleep (check_helper_call in kernel/bpf/verifier.c).
var noHelper = []string{
	"invalid func ", "unknown func ", "program of this type cannot use helper ", "might sleep in a non-sleepable",
	"sleepable helper ", "not supported for program type", "supported only for ",
}

// helpersByKind calls each helper from each kind of program, without arguments: the verifier looks for the helper before
// it looks at what it is given. libbpf's libbpf_probe_bpf_helper does the same, but for programs that need a target.
func (s *survey) helpersByKind(kinds []kind) map[string][]string {
	count := s.helperCount()
	found := make(map[string]map[int]bool)
	for _, k := range kinds {
		known := found[k.name]
		if known == nil {
			known = map[int]bool{}
			found[k.name] = known
		}
		for number := 1; number < count; number++ {
			if !known[number] && s.hasHelper(k, number) {
				known[number] = true
			}
		}
	}
	byKind := make(map[string][]string, len(found))
	for name, numbers := range found {
		list := make([]string, 0, len(numbers))
		for number := range numbers {
			list = append(list, names.Helper(asm.BuiltinFunc(number)))
		}
		slices.Sort(list)
		byKind[name] = list
	}
	return byKind
}

func (s *survey) hasHelper(k kind, number int) bool {
	s.call[0].imm = int32(number)
	said := s.load(attempt{kind: k, insns: s.call})
	switch {
	case said.errno == 0, said.errno == unix.EACCES && !said.says(noHelper...):
		return true
	case said.says(noHelper...):
		return false
	case said.says("!read_ok", "is not a scalar", "At program exit", "is not allowed in probe"):
		return true
	}
	s.unknown(names.Helper(asm.BuiltinFunc(number))+" in "+k.name, said.errno.Error()+": "+lastLine(said.log))
	return false
}

// helperCount is one more than the number of the last helper, as the kernel's own enumeration says.
func (s *survey) helperCount() int {
	list := s.types.enumerators["bpf_func_id"]
	for index, name := range list {
		if strings.HasPrefix(name, "__BPF_FUNC_MAX") {
			return index
		}
	}
	return lastKnownHelper + 1
}

// lastKnownHelper is bpf_cgrp_storage_delete: there are no new ones, as kfuncs have taken their place.
const lastKnownHelper = 211

func lastLine(log []byte) string {
	lines := strings.Split(strings.TrimSpace(string(log)), "\n")
	for _, line := range slices.Backward(lines) {
		if !strings.HasPrefix(line, "processed ") && line != "" {
			return line
		}
	}
	return ""
}
