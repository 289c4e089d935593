package player

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"crossbpf/agent/network"
	"crossbpf/agent/protocol"
)

// ends are where both sides of an exchange are.
type ends struct {
	server, client netip.Addr
	// serverInWorld and clientInWorld tell which sockets belong to the world's namespace.
	serverInWorld, clientInWorld bool
}

// endsOf reads an event's direction: by default the client is the world, and this side the server.
func endsOf(event *protocol.Event) (ends, error) {
	switch {
	case event.Via == "lo":
		return ends{server: network.Loopback, client: network.Loopback}, nil
	case event.Via != "veth":
		return ends{}, fmt.Errorf("there is no interface %q", event.Via)
	case event.Direction == "out":
		return ends{server: network.World, client: network.Here, serverInWorld: true}, nil
	}
	return ends{server: network.Here, client: network.World, clientInWorld: true}, nil
}

// openSocket makes a socket that does not block, in one of both namespaces, with an address.
func openSocket(n *network.Network, inWorld bool, kind int, address netip.AddrPort) (fd int, err error) {
	open := func() error {
		fd, err = unix.Socket(unix.AF_INET, kind|unix.SOCK_CLOEXEC|unix.SOCK_NONBLOCK, 0)
		if err != nil {
			return fmt.Errorf("make a socket: %w", err)
		}
		if err := bind(fd, address); err != nil {
			unix.Close(fd)
			return err
		}
		return nil
	}
	if inWorld {
		return fd, n.InWorld(open)
	}
	err = open()
	return fd, err
}

func bind(fd int, address netip.AddrPort) error {
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEADDR, 1); err != nil {
		return fmt.Errorf("set SO_REUSEADDR: %w", err)
	}
	if err := unix.Bind(fd, sockaddr(address)); err != nil {
		return fmt.Errorf("bind to %s: %w", address, err)
	}
	return nil
}

func sockaddr(address netip.AddrPort) *unix.SockaddrInet4 {
	return &unix.SockaddrInet4{Port: int(address.Port()), Addr: address.Addr().As4()}
}

// await waits until a socket is ready for the events, or until the time has come.
func await(fd int, events int16, until time.Time) (ready bool) {
	for {
		left := time.Until(until)
		if left <= 0 {
			return false
		}
		poll := []unix.PollFd{{Fd: int32(fd), Events: events}}
		count, err := unix.Poll(poll, int(left.Milliseconds())+1)
		if errors.Is(err, unix.EINTR) {
			continue
		}
		return err == nil && count > 0
	}
}

// takePort returns the port that a trigger sends from: each its own, as the kernel keeps those of TCP for a while.
func (s *scene) takePort() uint16 {
	port := s.props.port
	s.props.port++
	return uint16(port)
}
