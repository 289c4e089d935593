package network

import (
	"errors"
	"fmt"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// settlePatience is how long to wait for the cable, which takes a moment.
const settlePatience = 5 * time.Second

// valueRequest is struct ethtool_value.
type valueRequest struct {
	command uint32
	value   uint32
}

// interfaceRequest is struct ifreq with a pointer.
type interfaceRequest struct {
	name    [unix.IFNAMSIZ]byte
	pointer unsafe.Pointer
	_       [16]byte
}

// ethtool asks the driver of the cable's end in the thread's namespace.
func ethtool(command, value uint32) (uint32, error) {
	fd, err := unix.Socket(unix.AF_UNIX, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	asked := &valueRequest{command, value}
	request := &interfaceRequest{pointer: unsafe.Pointer(asked)}
	copy(request.name[:], Interface)
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.SIOCETHTOOL, uintptr(unsafe.Pointer(request)))
	if errno != 0 {
		return 0, errno
	}
	return asked.value, nil
}

// dropOffloads makes the kernel compute checksums and cut segments before it sends, so that packets are as on a wire.
func dropOffloads() error {
	if _, err := ethtool(unix.ETHTOOL_STXCSUM, 0); err != nil {
		return fmt.Errorf("switch off checksum offload: %w", err)
	}
	return nil
}

// settle waits until the cable carries packets. Asking for the link makes the kernel do at once what it would do later
// in the background, before which it drops packets (linkwatch_sync_dev).
func settle() error {
	for deadline := time.Now().Add(settlePatience); ; time.Sleep(time.Millisecond) {
		isUp, err := ethtool(unix.ETHTOOL_GLINK, 0)
		if err != nil {
			return fmt.Errorf("ask for the link: %w", err)
		}
		if isUp != 0 {
			return nil
		}
		if time.Now().After(deadline) {
			return errors.New("the pair of interfaces did not come up")
		}
	}
}
