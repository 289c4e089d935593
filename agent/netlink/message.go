//go:build linux

// Package netlink speaks the few words of rtnetlink(7) that a network for scenarios takes.
package netlink

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// message is a request to the kernel: a header, a structure of the kind's own, and attributes.
type message struct {
	kind  uint16
	flags uint16
	body  []byte
}

// encode puts the header in front (struct nlmsghdr).
func (m *message) encode(sequence uint32) []byte {
	header := make([]byte, 0, unix.SizeofNlMsghdr+len(m.body))
	header = binary.NativeEndian.AppendUint32(header, uint32(unix.SizeofNlMsghdr+len(m.body)))
	header = binary.NativeEndian.AppendUint16(header, m.kind)
	header = binary.NativeEndian.AppendUint16(header, m.flags|unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	header = binary.NativeEndian.AppendUint32(header, sequence)
	header = binary.NativeEndian.AppendUint32(header, 0)
	return append(header, m.body...)
}

// attributes grow a list of attributes (struct rtattr), each aligned to 4 bytes.
type attributes []byte

func (a *attributes) bytes(kind uint16, value []byte) {
	*a = binary.NativeEndian.AppendUint16(*a, uint16(unix.SizeofRtAttr+len(value)))
	*a = binary.NativeEndian.AppendUint16(*a, kind)
	*a = append(*a, value...)
	for len(*a)%unix.RTA_ALIGNTO != 0 {
		*a = append(*a, 0)
	}
}

func (a *attributes) text(kind uint16, value string) { a.bytes(kind, append([]byte(value), 0)) }

func (a *attributes) number(kind uint16, value uint32) {
	a.bytes(kind, binary.NativeEndian.AppendUint32(nil, value))
}

// nested adds a list within the list.
func (a *attributes) nested(kind uint16, fill func(inner *attributes)) {
	var inner attributes
	fill(&inner)
	a.bytes(kind|unix.NLA_F_NESTED, inner)
}
