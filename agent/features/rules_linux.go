package features

import (
	"bufio"
	"os"
	"slices"
	"strings"

	"github.com/cilium/ebpf"

	"crossbpf/agent/names"
)

// Results that are tried: those that some kinds of programs may return and others not (check_return_code in
// kernel/bpf/verifier.c).
const firstResult, lastResult = -1, 4

// results returns each number from a program of each kind. Of kinds that are tried in several ways, all count.
func (s *survey) results(kinds []kind) map[string][]int {
	accepted := map[string][]int{}
	for _, k := range kinds {
		for result := firstResult; result <= lastResult; result++ {
			if slices.Contains(accepted[k.name], result) {
				continue
			}
			// Of 64 bits, as the verifier of some kernels asks for them: r0 = result
			give := []instruction{{code: 0xb7, imm: int32(result)}, exit}
			if s.load(attempt{kind: k, insns: give}).errno == 0 {
				accepted[k.name] = append(accepted[k.name], result)
			}
		}
	}
	for _, list := range accepted {
		slices.Sort(list)
	}
	return accepted
}

// sleepableMaps loads a program that may sleep with a map of each type.
func (s *survey) sleepableMaps(kinds []kind, mapTypes []string) []string {
	list := []string{}
	index := slices.IndexFunc(kinds, func(k kind) bool { return k.name == "lsm/lsm_mac+sleepable" })
	if index < 0 {
		return list
	}
	for t := ebpf.Hash; t <= ebpf.Arena; t++ {
		name := names.MapType(t)
		if !slices.Contains(mapTypes, name) {
			continue
		}
		m, err := ebpf.NewMap(smallMap(t))
		if err != nil {
			continue
		}
		insns := []instruction{{code: 0x18, regs: 1 | 1<<4, imm: int32(m.FD())}, {}, setR0, exit}
		if s.load(attempt{kind: kinds[index], insns: insns}).errno == 0 {
			list = append(list, name)
		}
		_ = m.Close()
	}
	slices.Sort(list)
	return list
}

// smallMap is a map of one entry, as its type wants it.
func smallMap(t ebpf.MapType) *ebpf.MapSpec {
	spec := &ebpf.MapSpec{Type: t, KeySize: 4, ValueSize: 8, MaxEntries: 1}
	switch t {
	case ebpf.LPMTrie:
		spec.KeySize, spec.Flags = 8, flagNoPrealloc
	case ebpf.Queue, ebpf.Stack, ebpf.BloomFilter:
		spec.KeySize = 0
	case ebpf.RingBuf, ebpf.UserRingbuf:
		spec.KeySize, spec.ValueSize, spec.MaxEntries = 0, 0, uint32(os.Getpagesize())
	case ebpf.Arena:
		spec.KeySize, spec.ValueSize, spec.Flags = 0, 0, flagMmapable
	case ebpf.ArrayOfMaps, ebpf.HashOfMaps:
		spec.ValueSize = 4
		spec.InnerMap = &ebpf.MapSpec{Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: 1}
	case ebpf.DevMap, ebpf.DevMapHash, ebpf.XSKMap, ebpf.CPUMap, ebpf.SockMap, ebpf.SockHash, ebpf.ReusePortSockArray,
		ebpf.ProgramArray, ebpf.PerfEventArray, ebpf.CGroupArray:
		spec.ValueSize = 4
	}
	return spec
}

const (
	flagNoPrealloc = 1 << 0  // BPF_F_NO_PREALLOC
	flagMmapable   = 1 << 10 // BPF_F_MMAPABLE
)

// withoutAddress compares the functions that the kernel has types of with its symbols.
func (s *survey) withoutAddress() []string {
	list := []string{}
	file, err := os.Open("/proc/kallsyms")
	if err != nil {
		s.unknown("functions without an address", err.Error())
		return list
	}
	defer file.Close()
	known := make(map[string]bool, len(s.types.functions))
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if fields := strings.Fields(lines.Text()); len(fields) >= 3 {
			known[fields[2]] = true
		}
	}
	for name := range s.types.functions {
		if !known[name] {
			list = append(list, name)
		}
	}
	slices.Sort(list)
	return list
}
