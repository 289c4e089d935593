//go:build linux

package netlink

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Socket talks to the network namespace that its thread was in when it was opened.
type Socket struct {
	fd       int
	sequence uint32
}

// Open opens a socket in the thread's network namespace.
func Open() (*Socket, error) {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return nil, fmt.Errorf("netlink: %w", err)
	}
	if err := unix.Bind(fd, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		unix.Close(fd)
		return nil, fmt.Errorf("netlink: %w", err)
	}
	return &Socket{fd: fd}, nil
}

// Close closes the socket.
func (s *Socket) Close() { unix.Close(s.fd) }

// ask sends a request and waits until the kernel has carried it out.
func (s *Socket) ask(m message) error {
	s.sequence++
	if err := unix.Sendto(s.fd, m.encode(s.sequence), 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	buffer := make([]byte, 8<<10)
	for {
		size, _, err := unix.Recvfrom(s.fd, buffer, 0)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		if err != nil {
			return err
		}
		if answered, err := readAnswer(buffer[:size], s.sequence); answered {
			return err
		}
	}
}

// readAnswer looks for the acknowledgement of a request: its error as a negative number, or 0 (struct nlmsgerr).
func readAnswer(buffer []byte, sequence uint32) (answered bool, err error) {
	for len(buffer) >= unix.SizeofNlMsghdr {
		length := int(binary.NativeEndian.Uint32(buffer))
		kind := binary.NativeEndian.Uint16(buffer[4:])
		if length < unix.SizeofNlMsghdr || length > len(buffer) {
			return true, errors.New("netlink: a broken answer")
		}
		if kind == unix.NLMSG_ERROR && length >= unix.SizeofNlMsghdr+4 && binary.NativeEndian.Uint32(buffer[8:]) == sequence {
			if number := int32(binary.NativeEndian.Uint32(buffer[unix.SizeofNlMsghdr:])); number != 0 {
				return true, unix.Errno(-number)
			}
			return true, nil
		}
		buffer = buffer[min(len(buffer), (length+unix.NLMSG_ALIGNTO-1)&^(unix.NLMSG_ALIGNTO-1)):]
	}
	return false, nil
}
