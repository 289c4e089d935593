package loader

import (
	"fmt"
	"slices"

	"github.com/cilium/ebpf"

	"crossbpf/agent/names"
)

var (
	// keyless are types whose entries have no key, valueless those whose entries have no value either.
	keyless   = []ebpf.MapType{ebpf.Queue, ebpf.Stack, ebpf.BloomFilter, ebpf.RingBuf, ebpf.UserRingbuf, ebpf.Arena}
	valueless = []ebpf.MapType{ebpf.RingBuf, ebpf.UserRingbuf, ebpf.Arena}
	// indexed are types whose keys are numbers of entries (array_map_alloc_check in kernel/bpf/arraymap.c, and the like).
	indexed = []ebpf.MapType{
		ebpf.Array, ebpf.PerCPUArray, ebpf.ProgramArray, ebpf.PerfEventArray, ebpf.CGroupArray, ebpf.ArrayOfMaps, ebpf.DevMap,
		ebpf.SockMap, ebpf.CPUMap, ebpf.XSKMap, ebpf.ReusePortSockArray,
	}
)

// faultOf says what no kernel takes about a map's declaration; "" where nothing is known to be wrong with it.
func faultOf(m *ebpf.MapSpec) string {
	kind := names.MapType(m.Type)
	switch {
	case slices.Contains(keyless, m.Type) && m.KeySize > 0:
		return fmt.Sprintf("a map of type %s has no keys, and %s declares some of %d bytes", kind, m.Name, m.KeySize)
	case slices.Contains(valueless, m.Type) && m.ValueSize > 0:
		return fmt.Sprintf("a map of type %s has no values, and %s declares some of %d bytes", kind, m.Name, m.ValueSize)
	case slices.Contains(indexed, m.Type) && m.KeySize != 4:
		return fmt.Sprintf("keys of type %s have 4 bytes, and those of %s have %d", kind, m.Name, m.KeySize)
	case !slices.Contains(keyless, m.Type) && m.KeySize == 0:
		return fmt.Sprintf("map %s of type %s declares no size of its keys", m.Name, kind)
	case !slices.Contains(valueless, m.Type) && !holdsMaps(m.Type) && m.ValueSize == 0:
		return fmt.Sprintf("map %s of type %s declares no size of its values", m.Name, kind)
	}
	return ""
}
