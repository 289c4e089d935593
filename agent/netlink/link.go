//go:build linux

package netlink

import (
	"encoding/binary"
	"fmt"
	"net/netip"

	"golang.org/x/sys/unix"
)

// vethInfoPeer is VETH_INFO_PEER of include/uapi/linux/veth.h.
const vethInfoPeer = 1

// End is one end of a pair of interfaces.
type End struct {
	Name string
	// Index is the interface's number.
	Index int
	// Address is the Ethernet address.
	Address [6]byte
}

// AddPair makes a pair of interfaces: one in this namespace, the other in the namespace of a file descriptor.
func (s *Socket) AddPair(here, there End, namespace int) error {
	var list attributes
	here.describe(&list)
	list.nested(unix.IFLA_LINKINFO, func(info *attributes) {
		info.text(unix.IFLA_INFO_KIND, "veth")
		info.nested(unix.IFLA_INFO_DATA, func(data *attributes) {
			var peer attributes
			there.describe(&peer)
			peer.number(unix.IFLA_NET_NS_FD, uint32(namespace))
			data.bytes(vethInfoPeer|unix.NLA_F_NESTED, append(interfaceInfo(there.Index, 0), peer...))
		})
	})
	body := append(interfaceInfo(here.Index, 0), list...)
	if err := s.ask(message{unix.RTM_NEWLINK, unix.NLM_F_CREATE | unix.NLM_F_EXCL, body}); err != nil {
		return fmt.Errorf("make a pair of interfaces (veth): %w", err)
	}
	return nil
}

func (e End) describe(list *attributes) {
	list.text(unix.IFLA_IFNAME, e.Name)
	list.bytes(unix.IFLA_ADDRESS, e.Address[:])
}

// SetUp switches an interface on.
func (s *Socket) SetUp(index int) error {
	if err := s.ask(message{kind: unix.RTM_NEWLINK, body: interfaceInfo(index, unix.IFF_UP)}); err != nil {
		return fmt.Errorf("switch on interface %d: %w", index, err)
	}
	return nil
}

// interfaceInfo is struct ifinfomsg, which changes the flags that it sets.
func interfaceInfo(index int, flags uint32) []byte {
	info := make([]byte, 4, unix.SizeofIfInfomsg)
	info = binary.NativeEndian.AppendUint32(info, uint32(index))
	info = binary.NativeEndian.AppendUint32(info, flags)
	return binary.NativeEndian.AppendUint32(info, flags)
}

// AddAddress gives an interface an IPv4 address.
func (s *Socket) AddAddress(index int, prefix netip.Prefix) error {
	address := prefix.Addr().As4()
	// struct ifaddrmsg: family, prefix length, flags, scope, interface
	body := []byte{unix.AF_INET, byte(prefix.Bits()), 0, unix.RT_SCOPE_UNIVERSE}
	body = binary.NativeEndian.AppendUint32(body, uint32(index))
	var list attributes
	list.bytes(unix.IFA_LOCAL, address[:])
	list.bytes(unix.IFA_ADDRESS, address[:])
	if err := s.ask(message{unix.RTM_NEWADDR, unix.NLM_F_CREATE | unix.NLM_F_EXCL, append(body, list...)}); err != nil {
		return fmt.Errorf("give an interface the address %s: %w", prefix, err)
	}
	return nil
}

// AddNeighbour tells for good which Ethernet address an IPv4 address has, so that nobody asks.
func (s *Socket) AddNeighbour(index int, address netip.Addr, ethernet [6]byte) error {
	// struct ndmsg: family, padding, interface, state, flags, type
	body := []byte{unix.AF_INET, 0, 0, 0}
	body = binary.NativeEndian.AppendUint32(body, uint32(index))
	body = binary.NativeEndian.AppendUint16(body, unix.NUD_PERMANENT)
	body = append(body, 0, 0)
	ip := address.As4()
	var list attributes
	list.bytes(unix.NDA_DST, ip[:])
	list.bytes(unix.NDA_LLADDR, ethernet[:])
	if err := s.ask(message{unix.RTM_NEWNEIGH, unix.NLM_F_CREATE | unix.NLM_F_REPLACE, append(body, list...)}); err != nil {
		return fmt.Errorf("add the neighbour %s: %w", address, err)
	}
	return nil
}
