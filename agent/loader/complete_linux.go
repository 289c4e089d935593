package loader

import (
	"fmt"
	"math/bits"
	"os"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/object"
)

const (
	// stackDepth is how many frames a stack has at most, unless kernel.perf_event_max_stack says otherwise.
	stackDepth = 127
	frameSize  = 8
	// buildIDSize is that of struct bpf_stack_build_id, which a frame is where BPF_F_STACK_BUILD_ID is set.
	buildIDSize   = 32
	stacksBuildID = 1 << 5
)

// complete gives maps what their object leaves to the program that loads it, and returns what is to be said of them.
func complete(file *object.File) mapNotes {
	notes := make(mapNotes)
	for name, m := range file.Spec.Maps {
		notes[name] = strings.Join(append(completeMap(m), file.Notes[name]...), "; ")
	}
	return notes
}

func completeMap(m *ebpf.MapSpec) (said []string) {
	switch m.Type {
	case ebpf.StackTrace:
		if m.ValueSize == 0 {
			m.ValueSize = stackDepth * frameSize
			if m.Flags&stacksBuildID != 0 {
				m.ValueSize = stackDepth * buildIDSize
			}
			said = append(said, fmt.Sprintf("it got a value size of %d bytes, for %d frames", m.ValueSize, stackDepth))
		}
	case ebpf.RingBuf, ebpf.UserRingbuf:
		if size := ringSize(m.MaxEntries); size != m.MaxEntries {
			said = append(said, fmt.Sprintf("its size of %d bytes was rounded up to %d, as libbpf does", m.MaxEntries, size))
			m.MaxEntries = size
		}
		if m.Value != nil {
			said = append(said, "its value type was left out, with which libbpf would fail")
		}
	case ebpf.PerfEventArray:
		if m.KeySize == 0 || declaredValue(m) != 4 {
			said = append(said, "its keys and values got a size of 4 bytes, without which libbpf would fail")
		}
	}
	return said
}

// declaredValue is the size of values that an object declares, also for types of maps for which the library forgets it.
func declaredValue(m *ebpf.MapSpec) int {
	if m.Value == nil {
		return int(m.ValueSize)
	}
	size, _ := btf.Sizeof(m.Value)
	return size
}

// ringSize is a size that the kernel takes: a power of two, and whole pages.
func ringSize(size uint32) uint32 {
	page := uint32(os.Getpagesize())
	if size == 0 || size > 1<<31 {
		return size
	}
	return max(page, 1<<bits.Len32(size-1))
}
