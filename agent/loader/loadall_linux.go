package loader

import (
	"fmt"
	"maps"
	"slices"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"golang.org/x/sys/unix"
)

// handedAll are the programs of a collection that are loaded by way of the gate. A program is known there by its number,
// which stands where a kernel version would: kernels that have a gate do not ask for one.
type handedAll struct {
	exact    []*exactCode
	versions []uint32
	// hooks are types to attach to by the program's number, where the library does not look them up.
	hooks map[int]btf.TypeID
}

// loadAll loads a collection, whose programs are handed over as they stand in the object.
func (l *Loader) loadAll(spec *ebpf.CollectionSpec, options ebpf.CollectionOptions, handing *handover) (*ebpf.Collection, error) {
	// Without a log a program that fails would be loaded once more for all of it, which may be very long.
	options.Programs.LogLevel = ebpf.LogLevelStats
	only := *spec
	only.Programs = make(map[string]*ebpf.ProgramSpec, len(spec.Programs))
	all := &handedAll{hooks: make(map[int]btf.TypeID)}
	for _, name := range slices.Sorted(maps.Keys(spec.Programs)) {
		prepared, exact, err := handing.prepare(spec.Programs[name])
		if err != nil {
			return nil, fmt.Errorf("program %s: %w", name, err)
		}
		if l.gate != nil && exact != nil {
			hook, err := l.cgroupHook(prepared)
			if err != nil {
				return nil, fmt.Errorf("program %s: %w", name, err)
			}
			all.hooks[len(all.exact)] = hook
			prepared = all.add(prepared, exact)
		}
		only.Programs[name] = prepared
	}
	if len(all.exact) == 0 {
		return ebpf.NewCollectionWithOptions(&only, options)
	}
	options.Programs.LogLevel = gatedLevel
	var collection *ebpf.Collection
	var err error
	l.gate.run(all.handle, func() { collection, err = ebpf.NewCollectionWithOptions(&only, options) })
	return collection, err
}

// add returns the program with its number.
func (a *handedAll) add(program *ebpf.ProgramSpec, exact *exactCode) *ebpf.ProgramSpec {
	a.exact = append(a.exact, exact)
	a.versions = append(a.versions, program.KernelVersion)
	numbered := *program
	numbered.KernelVersion = uint32(len(a.exact))
	return &numbered
}

// handle makes the call with the library's own buffer for its log.
func (a *handedAll) handle(call *loadCall) (fd int, errno unix.Errno) {
	number := int(call.attr.kernVersion) - 1
	if number < 0 || number >= len(a.exact) {
		return -1, unix.EPROTO
	}
	call.attr.kernVersion = a.versions[number]
	call.attr.logLevel = levelStats
	if hook := a.hooks[number]; hook != 0 {
		call.attr.attachBtfID = uint32(hook)
	}
	if errno := a.exact[number].handTo(call); errno != 0 {
		return -1, errno
	}
	fd, errno = call.perform()
	call.tellLogSize()
	return fd, errno
}

// tellLogSize tells the one who prepared a call how large its log is.
func (c *loadCall) tellLogSize() {
	const at = unsafe.Offsetof(progLoadAttr{}.logTrueSize)
	if size := unsafe.Sizeof(c.attr.logTrueSize); uintptr(len(c.theirs)) >= at+size {
		*(*uint32)(unsafe.Pointer(&c.theirs[at])) = c.attr.logTrueSize
	}
}
