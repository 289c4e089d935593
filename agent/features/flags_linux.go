package features

import (
	"slices"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/names"
)

// Bits of flags that are tried of each type of map. Those left out take a descriptor (VTYPE_BTF_OBJ_FD, TOKEN_FD), belong
// to another call (PATH_FD), or are set by loaders alone (LINK).
const lastFlag = 31

var untriedFlags = []int{13, 14, 15, 16}

// mapTypeFlags makes a map of each type with each flag: "hash BPF_F_NO_PREALLOC".
func (s *survey) mapTypeFlags() []string {
	list := []string{}
	for _, spec := range flaggedMaps() {
		if !s.createMap(spec) {
			continue
		}
		for bit := range lastFlag {
			flag := uint32(1) << bit
			if slices.Contains(untriedFlags, bit) {
				continue
			}
			tried := spec.Copy()
			tried.Flags |= flag
			if spec.Flags&flag != 0 || s.createMap(tried) {
				list = append(list, names.MapType(spec.Type)+" "+names.MapFlag(bit))
			}
		}
	}
	slices.Sort(list)
	return list
}

// flaggedMaps are maps of all types but struct_ops, which takes a type of the kernel's.
func flaggedMaps() []*ebpf.MapSpec {
	list := slices.Clone(newMaps)
	for t := ebpf.Hash; t <= ebpf.Arena; t++ {
		spec := smallMap(t)
		switch t {
		case ebpf.StructOpsMap:
			continue
		case ebpf.StackTrace:
			// Of an address, and of an address with a build ID, whose entry has 32 bytes.
			spec.ValueSize = 32
		case ebpf.CGroupStorage, ebpf.PerCPUCGroupStorage:
			spec.KeySize, spec.MaxEntries = 8, 0
		case ebpf.SkStorage, ebpf.InodeStorage, ebpf.TaskStorage, ebpf.CgroupStorage:
			number := &btf.Int{Name: "int", Size: 4, Encoding: btf.Signed}
			spec.ValueSize, spec.MaxEntries, spec.Flags = 4, 0, flagNoPrealloc
			spec.Key, spec.Value = number, number
		}
		list = append(list, spec)
	}
	return list
}
