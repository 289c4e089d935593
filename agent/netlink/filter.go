//go:build linux

package netlink

import (
	"encoding/binary"
	"errors"
	"fmt"

	"golang.org/x/sys/unix"
)

// Of include/uapi/linux/pkt_sched.h and pkt_cls.h, where golang.org/x/sys has no names.
const (
	handleClsact  = 0xffff0000
	parentClsact  = 0xfffffff1
	parentIngress = 0xfffffff2
	parentEgress  = 0xfffffff3
	bpfFd         = 6 // TCA_BPF_FD
	bpfName       = 7 // TCA_BPF_NAME
	bpfFlags      = 8 // TCA_BPF_FLAGS
	actDirect     = 1 // TCA_BPF_FLAG_ACT_DIRECT
)

// Filter is a BPF program at an interface's clsact qdisc, as kernels before 6.6 attach them.
type Filter struct {
	// Interface is the interface's number.
	Interface int
	Egress    bool
	// Priority tells filters apart, and in which order they run.
	Priority uint16
}

// AddFilter attaches a program, given by its file descriptor. The filter keeps it.
func (s *Socket) AddFilter(f Filter, program int, name string) error {
	var qdisc attributes
	qdisc.text(unix.TCA_KIND, "clsact")
	body := append(f.traffic(handleClsact, parentClsact, 0), qdisc...)
	err := s.ask(message{unix.RTM_NEWQDISC, unix.NLM_F_CREATE | unix.NLM_F_EXCL, body})
	if err != nil && !errors.Is(err, unix.EEXIST) {
		return fmt.Errorf("add the qdisc clsact: %w", err)
	}
	var list attributes
	list.text(unix.TCA_KIND, "bpf")
	list.nested(unix.TCA_OPTIONS, func(options *attributes) {
		options.number(bpfFd, uint32(program))
		options.text(bpfName, name)
		options.number(bpfFlags, actDirect)
	})
	body = append(f.traffic(1, f.parent(), f.info()), list...)
	if err := s.ask(message{unix.RTM_NEWTFILTER, unix.NLM_F_CREATE | unix.NLM_F_EXCL, body}); err != nil {
		return fmt.Errorf("add a filter to clsact: %w", err)
	}
	return nil
}

// RemoveFilter takes a filter away.
func (s *Socket) RemoveFilter(f Filter) error {
	var list attributes
	list.text(unix.TCA_KIND, "bpf")
	body := append(f.traffic(1, f.parent(), f.info()), list...)
	if err := s.ask(message{unix.RTM_DELTFILTER, 0, body}); err != nil {
		return fmt.Errorf("remove a filter from clsact: %w", err)
	}
	return nil
}

func (f Filter) parent() uint32 {
	if f.Egress {
		return parentEgress
	}
	return parentIngress
}

// info is the filter's priority and the protocol that it sees, in network byte order: all.
func (f Filter) info() uint32 {
	return uint32(f.Priority)<<16 | uint32(binary.NativeEndian.Uint16(binary.BigEndian.AppendUint16(nil, unix.ETH_P_ALL)))
}

// traffic is struct tcmsg.
func (f Filter) traffic(handle, parent, info uint32) []byte {
	body := make([]byte, 4, 20)
	for _, number := range []uint32{uint32(f.Interface), handle, parent, info} {
		body = binary.NativeEndian.AppendUint32(body, number)
	}
	return body
}
