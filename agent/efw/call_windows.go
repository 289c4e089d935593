package efw

import (
	"errors"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Commands of bpf() (include/linux/bpf.h of eBPF for Windows): those of Linux.
const (
	mapCreate   = 0
	programLoad = 5
)

// call is int bpf(int cmd, union bpf_attr* attr, unsigned int size), which answers with a negative errno.
func (l *Library) call(command int, attribute unsafe.Pointer, size uintptr) (result int, lastError syscall.Errno, err error) {
	bpf, err := l.find("bpf")
	if err != nil {
		return 0, 0, err
	}
	answer, _, lastError := syscall.SyscallN(bpf, uintptr(command), uintptr(attribute), size)
	if result = int(int32(answer)); result < 0 {
		return 0, lastError, Errno(-result)
	}
	return result, lastError, nil
}

// mapAttribute is sys_bpf_map_create_attr_t.
type mapAttribute struct {
	kind, keySize, valueSize, maxEntries, flags, innerMap, node uint32
	name                                                        [16]byte
	interfaceIndex                                              uint32
}

// ProbeDriver makes a map, which only a running eBPFCore does, and closes it.
func (l *Library) ProbeDriver() error {
	const array = 2
	attribute := mapAttribute{kind: array, keySize: 4, valueSize: 4, maxEntries: 1}
	descriptor, _, err := l.call(mapCreate, unsafe.Pointer(&attribute), unsafe.Sizeof(attribute))
	if err != nil {
		return err
	}
	closeDescriptor, err := l.find("ebpf_close_fd")
	if err != nil {
		return err
	}
	_, _, _ = syscall.SyscallN(closeDescriptor, uintptr(descriptor))
	return nil
}

// programAttribute is as much of sys_bpf_prog_load_attr_t as matters here.
type programAttribute struct {
	kind, count  uint32
	instructions uint64
	rest         [96]byte
}

// TakesInstructions tells whether the installation can load programs that are not native images. A build for those alone
// refuses BPF_PROG_LOAD whatever it holds, and says so in the thread's last error (libs/api/bpf_syscall.cpp).
func (l *Library) TakesInstructions() bool {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var attribute programAttribute
	_, lastError, err := l.call(programLoad, unsafe.Pointer(&attribute), unsafe.Sizeof(attribute))
	var errno Errno
	return errors.As(err, &errno) && !errors.Is(lastError, windows.ERROR_NOT_SUPPORTED)
}
