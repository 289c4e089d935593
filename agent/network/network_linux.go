// Package network makes the network that a scenario has for itself: this side, and a world behind a cable.
package network

import (
	"errors"
	"fmt"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"

	"crossbpf/agent/netlink"
	"crossbpf/agent/thread"
)

const (
	// Interface is the name of both ends of the cable.
	Interface = "veth0"
	// LoopbackIndex and VethIndex are the numbers of this side's interfaces.
	LoopbackIndex = 1
	VethIndex     = 2
	// worldIndex differs from VethIndex: a link whose both ends have the same number is slow to come up, as the kernel
	// takes it for one without a lower device (linkwatch_urgent_event in net/core/link_watch.c).
	worldIndex = 3
)

var (
	// Here and World are the addresses of both ends.
	Here  = netip.MustParseAddr("10.77.0.1")
	World = netip.MustParseAddr("10.77.0.2")
	// Loopback is this side's own.
	Loopback = netip.MustParseAddr("127.0.0.1")

	hereEnd  = netlink.End{Name: Interface, Index: VethIndex, Address: [6]byte{2, 0, 10, 77, 0, 1}}
	worldEnd = netlink.End{Name: Interface, Index: worldIndex, Address: [6]byte{2, 0, 10, 77, 0, 2}}
)

// Network is two network namespaces: that of the thread that opened it, and that of a thread of its own.
type Network struct {
	world *thread.Thread
	// namespace is this side's, as a file descriptor.
	namespace int
}

// Open moves the calling thread, which must be locked and end with the network, into a network namespace of its own,
// and connects that with another one.
func Open() (*Network, error) {
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return nil, fmt.Errorf("make a network namespace: %w", err)
	}
	namespace, err := ownNamespace()
	if err != nil {
		return nil, err
	}
	world, err := thread.Start("crossbpf-world")
	if err != nil {
		unix.Close(namespace)
		return nil, err
	}
	n := &Network{world: world, namespace: namespace}
	if err := n.connect(); err != nil {
		n.Close()
		return nil, err
	}
	return n, nil
}

// Close ends the world. This side ends with its thread.
func (n *Network) Close() {
	n.world.End()
	unix.Close(n.namespace)
}

// Namespace is this side's, as a file descriptor that stays the network's.
func (n *Network) Namespace() int { return n.namespace }

// InWorld does something on a thread in the world's namespace: a socket that is made there belongs there.
func (n *Network) InWorld(job func() error) error { return n.world.Do(job) }

func ownNamespace() (int, error) {
	fd, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return -1, fmt.Errorf("open the network namespace: %w", err)
	}
	return fd, nil
}

func (n *Network) connect() error {
	worldNamespace := -1
	err := n.InWorld(func() (err error) {
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			return fmt.Errorf("make a network namespace: %w", err)
		}
		worldNamespace, err = ownNamespace()
		return err
	})
	if err != nil {
		return err
	}
	defer unix.Close(worldNamespace)
	socket, err := netlink.Open()
	if err != nil {
		return err
	}
	defer socket.Close()
	if err := socket.AddPair(hereEnd, worldEnd, worldNamespace); err != nil {
		return err
	}
	if err := setUp(socket, hereEnd, Here, worldEnd, World); err != nil {
		return err
	}
	return n.connectWorld()
}

func (n *Network) connectWorld() error {
	err := n.InWorld(func() error {
		socket, err := netlink.Open()
		if err != nil {
			return err
		}
		defer socket.Close()
		if err := setUp(socket, worldEnd, World, hereEnd, Here); err != nil {
			return err
		}
		return settle()
	})
	if err != nil {
		return err
	}
	return settle()
}

// setUp makes one end of the cable, in the thread's namespace, and its loopback ready.
func setUp(socket *netlink.Socket, own netlink.End, address netip.Addr, other netlink.End, otherAddress netip.Addr) error {
	if err := silenceIPv6(); err != nil {
		return err
	}
	if err := dropOffloads(); err != nil {
		return err
	}
	if err := socket.AddAddress(own.Index, netip.PrefixFrom(address, 24)); err != nil {
		return err
	}
	for _, index := range []int{LoopbackIndex, own.Index} {
		if err := socket.SetUp(index); err != nil {
			return err
		}
	}
	return socket.AddNeighbour(own.Index, otherAddress, other.Address)
}

// silenceIPv6 keeps the kernel from sending packets of its own over the cable.
func silenceIPv6() error {
	err := os.WriteFile("/proc/sys/net/ipv6/conf/"+Interface+"/disable_ipv6", []byte("1"), 0)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("switch off IPv6: %w", err)
	}
	return nil
}
