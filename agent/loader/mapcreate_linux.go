package loader

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"
)

// mapCreateAttr is the part of union bpf_attr that BPF_MAP_CREATE takes (include/uapi/linux/bpf.h), as far as it
// concerns maps that stand for themselves.
type mapCreateAttr struct {
	mapType, keySize, valueSize, maxEntries uint32
	mapFlags                                uint32
	innerMapFd                              uint32
	numaNode                                uint32
	mapName                                 [16]byte
	mapIfindex                              uint32
	btfFd                                   uint32
	btfKeyTypeID, btfValueTypeID            uint32
	btfVmlinuxValueTypeID                   uint32
	mapExtra                                uint64
}

// mapInfo is struct bpf_map_info.
type mapInfo struct {
	mapType, id                           uint32
	keySize, valueSize, maxEntries, flags uint32
	name                                  [16]byte
	ifindex                               uint32
	btfVmlinuxValueTypeID                 uint32
	netnsDev, netnsIno                    uint64
	btfID, btfKeyTypeID, btfValueTypeID   uint32
	btfVmlinuxID                          uint32
	mapExtra                              uint64
}

// btfInfo is struct bpf_btf_info.
type btfInfo struct {
	btf       unsafe.Pointer
	size, id  uint32
	name      uint64
	nameLen   uint32
	kernelBtf uint32
}

// infoOf asks the kernel what a descriptor of a map or of types refers to.
func infoOf[T any](fd int, info *T) error {
	attr := struct {
		fd, size uint32
		info     unsafe.Pointer
	}{uint32(fd), uint32(unsafe.Sizeof(*info)), unsafe.Pointer(info)}
	_, errno := askKernel(unix.BPF_OBJ_GET_INFO_BY_FD, &attr)
	return asError(errno)
}

// rawTypes are types that the kernel holds, by their number, as they were given to it.
func rawTypes(id uint32) ([]byte, error) {
	attr := struct{ id, next, flags uint32 }{id: id}
	fd, errno := askKernel(unix.BPF_BTF_GET_FD_BY_ID, &attr)
	if errno != 0 {
		return nil, errno
	}
	defer unix.Close(fd)
	return typesBehind(fd)
}

func typesBehind(fd int) ([]byte, error) {
	var size btfInfo
	if err := infoOf(fd, &size); err != nil {
		return nil, err
	}
	if size.kernelBtf != 0 {
		return nil, errUnprepared
	}
	raw := make([]byte, size.size)
	info := btfInfo{btf: pointerTo(raw), size: size.size}
	return raw, infoOf(fd, &info)
}

// firstEntry is the value of a map at key 0.
func firstEntry(fd int, valueSize uint32) ([]byte, error) {
	key, value := make([]byte, 4), make([]byte, valueSize)
	attr := entryAttr{fd: uint32(fd), key: pointerTo(key), value: pointerTo(value)}
	_, errno := askKernel(unix.BPF_MAP_LOOKUP_ELEM, &attr)
	return value, asError(errno)
}

// entryAttr is what BPF_MAP_*_ELEM take.
type entryAttr struct {
	fd         uint32
	_          uint32
	key, value unsafe.Pointer
	flags      uint64
}

// isFrozen tells whether user space may not write to a map any more, which only /proc tells.
func isFrozen(fd int) (bool, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", fd))
	if err != nil {
		return false, err
	}
	lines := bufio.NewScanner(bytes.NewReader(text))
	for lines.Scan() {
		if value, found := bytes.CutPrefix(lines.Bytes(), []byte("frozen:")); found {
			return string(bytes.TrimSpace(value)) == "1", nil
		}
	}
	return false, lines.Err()
}

// askKernel makes a call of bpf(2). The attribute has pointers, not numbers: Go moves its stacks.
func askKernel[T any](command uintptr, attr *T) (result int, errno unix.Errno) {
	value, _, errno := unix.Syscall(unix.SYS_BPF, command, uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr))
	if errno != 0 {
		return -1, errno
	}
	return int(value), 0
}

func asError(errno unix.Errno) error {
	if errno != 0 {
		return errno
	}
	return nil
}
