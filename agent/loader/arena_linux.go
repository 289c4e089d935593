package loader

import (
	"fmt"
	"os"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"
)

// arenas are those that are mapped into this process.
type arenas []mappedArena

type mappedArena struct {
	start unsafe.Pointer
	size  uintptr
}

// mapArenas maps the arenas among some maps, as the verifier wants to know where user space sees them, and fills them. Those
// whose place the object says, and that have no data, need not be mapped.
func mapArenas(specs map[string]*ebpf.MapSpec, made map[string]*ebpf.Map, data []byte) (arenas, error) {
	var all arenas
	for name, spec := range specs {
		if spec.Type != ebpf.Arena || made[name] == nil || spec.MapExtra != 0 && len(data) == 0 {
			continue
		}
		flags := unix.MAP_SHARED
		if spec.MapExtra != 0 {
			flags |= unix.MAP_FIXED_NOREPLACE
		}
		size := uintptr(spec.MaxEntries) * uintptr(os.Getpagesize())
		place := uintptr(spec.MapExtra)
		start, err := unix.MmapPtr(made[name].FD(), 0, *(*unsafe.Pointer)(unsafe.Pointer(&place)), size,
			unix.PROT_READ|unix.PROT_WRITE, flags)
		if err != nil {
			all.Close()
			return nil, &mapError{name: name, cause: fmt.Errorf("map arena %s: %w", name, err)}
		}
		all = append(all, mappedArena{start, size})
		copy(unsafe.Slice((*byte)(start), size), data)
	}
	return all, nil
}

// Close takes the arenas out of this process.
func (a arenas) Close() {
	for _, one := range a {
		_ = unix.MunmapPtr(one.start, one.size)
	}
}
