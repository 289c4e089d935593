package player

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"crossbpf/agent/names"
	"crossbpf/agent/netlink"
	"crossbpf/agent/network"
	"crossbpf/agent/protocol"
)

// attachInterface attaches to an interface of the scenario's network.
func (s *scene) attachInterface(program *ebpf.Program, spec *ebpf.ProgramSpec, target *protocol.AttachTarget) (attachment, error) {
	if _, err := s.props.getNetwork(); err != nil {
		return attachment{}, err
	}
	index := network.VethIndex
	if target.Interface == "lo" {
		index = network.LoopbackIndex
	}
	if spec.Type == ebpf.XDP {
		if target.Direction == "egress" {
			return attachment{}, errors.New("XDP sees only packets that come in")
		}
		return linked(link.AttachXDP(link.XDPOptions{Program: program, Interface: index}))
	}
	egress := target.Direction == "egress" || target.Direction == "" && spec.AttachType == ebpf.AttachTCXEgress
	return attachTraffic(program, spec, index, egress)
}

// attachTraffic attaches to traffic control: by tcx from 6.6 on, by a filter on older kernels.
func attachTraffic(program *ebpf.Program, spec *ebpf.ProgramSpec, index int, egress bool) (attachment, error) {
	place := ebpf.AttachTCXIngress
	if egress {
		place = ebpf.AttachTCXEgress
	}
	made, err := linked(link.AttachTCX(link.TCXOptions{Interface: index, Program: program, Attach: place}))
	if !errors.Is(err, ebpf.ErrNotSupported) {
		return made, err
	}
	return attachFilter(program, spec.Name, netlink.Filter{Interface: index, Egress: egress})
}

// attachFilter takes the first free priority, so that filters run in the order in which they were attached.
func attachFilter(program *ebpf.Program, name string, filter netlink.Filter) (attachment, error) {
	socket, err := netlink.Open()
	if err != nil {
		return attachment{}, err
	}
	for filter.Priority = 1; ; filter.Priority++ {
		err := socket.AddFilter(filter, program.FD(), name)
		if errors.Is(err, unix.EEXIST) && filter.Priority < 1000 {
			continue
		}
		if err != nil {
			socket.Close()
			return attachment{}, err
		}
		break
	}
	return attachment{detach: func() error {
		defer socket.Close()
		return socket.RemoveFilter(filter)
	}}, nil
}

var hooks = map[string]link.NetfilterInetHook{
	"prerouting":  link.NetfilterInetPreRouting,
	"input":       link.NetfilterInetLocalIn,
	"forward":     link.NetfilterInetForward,
	"output":      link.NetfilterInetLocalOut,
	"postrouting": link.NetfilterInetPostRouting,
}

func (s *scene) attachNetfilter(program *ebpf.Program, target *protocol.AttachTarget) (attachment, error) {
	if _, err := s.props.getNetwork(); err != nil {
		return attachment{}, err
	}
	hook, known := hooks[target.Hook]
	if !known {
		return attachment{}, fmt.Errorf("netfilter has no hook %q", target.Hook)
	}
	return linked(link.AttachNetfilter(link.NetfilterOptions{
		Program: program, ProtocolFamily: link.NetfilterProtoIPv4, Hook: hook, Priority: target.Priority,
	}))
}

func (s *scene) attachCgroup(program *ebpf.Program, spec *ebpf.ProgramSpec) (attachment, error) {
	group, err := s.props.getCgroup()
	if err != nil {
		return attachment{}, err
	}
	return linked(link.AttachCgroup(link.CgroupOptions{Path: group.path, Attach: spec.AttachType, Program: program}))
}

// socketFilter is a program for the sockets that receive.
type socketFilter struct {
	program *ebpf.Program
	option  int
}

func (f socketFilter) attach(socket int) error {
	if f.option == unix.SO_ATTACH_REUSEPORT_EBPF {
		if err := unix.SetsockoptInt(socket, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
			return fmt.Errorf("set SO_REUSEPORT: %w", err)
		}
	}
	if err := unix.SetsockoptInt(socket, unix.SOL_SOCKET, f.option, f.program.FD()); err != nil {
		return fmt.Errorf("attach a program to a socket: %w", err)
	}
	return nil
}

// attachSocket keeps a program for the sockets to come.
func (s *scene) attachSocket(program *ebpf.Program) (attachment, error) {
	filter := socketFilter{program: program, option: unix.SO_ATTACH_BPF}
	if program.Type() == ebpf.SkReuseport {
		filter.option = unix.SO_ATTACH_REUSEPORT_EBPF
	}
	s.props.filters = append(s.props.filters, filter)
	return attachment{detach: func() error {
		for i, other := range s.props.filters {
			if other == filter {
				s.props.filters = append(s.props.filters[:i:i], s.props.filters[i+1:]...)
				break
			}
		}
		return nil
	}}, nil
}

// attachMap attaches to the sockets that a map holds.
func (s *scene) attachMap(program *ebpf.Program, spec *ebpf.ProgramSpec, target *protocol.AttachTarget) (attachment, error) {
	m, err := s.findMap(target.Map)
	if err != nil {
		return attachment{}, err
	}
	options := link.RawAttachProgramOptions{Target: m.FD(), Program: program, Attach: spec.AttachType}
	if err := link.RawAttachProgram(options); err != nil {
		return attachment{}, err
	}
	return attachment{detach: func() error { return link.RawDetachProgram(link.RawDetachProgramOptions(options)) }}, nil
}

// attachLoaded attaches a program that was loaded for one place.
func (s *scene) attachLoaded(program *ebpf.Program, spec *ebpf.ProgramSpec) (attachment, error) {
	switch spec.Type {
	case ebpf.Tracing:
		return linked(link.AttachTracing(link.TracingOptions{Program: program, AttachType: spec.AttachType}))
	case ebpf.LSM:
		return linked(link.AttachLSM(link.LSMOptions{Program: program}))
	case ebpf.SkLookup, ebpf.FlowDissector:
		return s.attachNamespace(program)
	}
	return attachment{}, fmt.Errorf("programs of type %s are not attached by this version of crossbpf", names.ProgramType(spec.Type))
}

// attachNamespace attaches to the scenario's network namespace.
func (s *scene) attachNamespace(program *ebpf.Program) (attachment, error) {
	n, err := s.props.getNetwork()
	if err != nil {
		return attachment{}, err
	}
	attached, err := link.AttachNetNs(n.Namespace(), program)
	if err != nil {
		return attachment{}, err
	}
	return attachment{detach: attached.Close}, nil
}
