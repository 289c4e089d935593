package player

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"

	"crossbpf/agent/protocol"
)

// probe is what the section of a program of type kprobe says besides where it attaches.
type probe struct {
	// user tells a uprobe, multi one that attaches to many functions at once, isReturn one at a function's end.
	user, multi, isReturn, session bool
	// system tells that the symbol is the name of a system call.
	system bool
}

// probes are the sections of programs of type kprobe (libbpf's section_defs).
var probes = map[string]probe{
	"kprobe":            {},
	"kretprobe":         {isReturn: true},
	"ksyscall":          {system: true},
	"kretsyscall":       {system: true, isReturn: true},
	"kprobe.multi":      {multi: true},
	"kretprobe.multi":   {multi: true, isReturn: true},
	"kprobe.session":    {multi: true, session: true},
	"uprobe":            {user: true},
	"uretprobe":         {user: true, isReturn: true},
	"uprobe.multi":      {user: true, multi: true},
	"uretprobe.multi":   {user: true, multi: true, isReturn: true},
	"uprobe.session":    {user: true, multi: true, session: true},
	"uprobe.s":          {user: true},
	"uretprobe.s":       {user: true, isReturn: true},
	"uprobe.multi.s":    {user: true, multi: true},
	"uretprobe.multi.s": {user: true, multi: true, isReturn: true},
}

// cutSection splits a section's name into the kind of program and what it attaches to. A question mark in front says
// that a program is not loaded unless it is asked for.
func cutSection(section string) (kind, place string) {
	kind, place, _ = strings.Cut(strings.TrimPrefix(section, "?"), "/")
	return kind, place
}

// defaultTarget derives from a program's section where it attaches, as libbpf does. It returns nil for programs that are
// loaded for one place and can have no other.
func defaultTarget(spec *ebpf.ProgramSpec) (*protocol.AttachTarget, error) {
	kind, place := cutSection(spec.SectionName)
	switch spec.Type {
	case ebpf.Kprobe:
		return probeTarget(kind, place)
	case ebpf.TracePoint:
		group, name, found := strings.Cut(place, "/")
		if !found {
			return nil, noTarget(spec, "tracepoint/GROUP/NAME")
		}
		return &protocol.AttachTarget{At: protocol.AtTracepoint, Group: group, Name: name}, nil
	case ebpf.RawTracepoint, ebpf.RawTracepointWritable:
		if place == "" {
			return nil, noTarget(spec, "raw_tp/NAME")
		}
		return &protocol.AttachTarget{At: protocol.AtRawTracepoint, Name: place}, nil
	case ebpf.PerfEvent:
		return nil, noTarget(spec, "")
	case ebpf.XDP, ebpf.SchedCLS:
		return &protocol.AttachTarget{At: protocol.AtInterface, Interface: "veth"}, nil
	case ebpf.Netfilter:
		return &protocol.AttachTarget{At: protocol.AtNetfilter, Hook: "input"}, nil
	case ebpf.SocketFilter, ebpf.SkReuseport:
		return &protocol.AttachTarget{At: protocol.AtSocket}, nil
	case ebpf.SkSKB, ebpf.SkMsg:
		return nil, noTarget(spec, "")
	}
	if isCgroupType(spec.Type) {
		return &protocol.AttachTarget{At: protocol.AtCgroup}, nil
	}
	return nil, nil
}

func noTarget(spec *ebpf.ProgramSpec, form string) error {
	if form != "" {
		form = " (" + form + ")"
	}
	return fmt.Errorf("the section %q does not say where %s attaches%s: the step must", spec.SectionName, spec.Name, form)
}

func probeTarget(kind, place string) (*protocol.AttachTarget, error) {
	p, known := probes[kind]
	switch {
	case !known:
		return nil, fmt.Errorf("programs of section %q are not attached by this version of crossbpf", kind)
	case place == "":
		return nil, fmt.Errorf("the section %q does not say what to attach to: the step must", kind)
	case p.user:
		colon := strings.LastIndexByte(place, ':')
		if colon < 0 {
			return nil, fmt.Errorf("the section %q does not have the form %s/FILE:FUNCTION", kind+"/"+place, kind)
		}
		return &protocol.AttachTarget{At: protocol.AtUprobe, File: place[:colon], Symbol: place[colon+1:]}, nil
	}
	symbol, offset, err := cutOffset(place)
	if err != nil {
		return nil, err
	}
	return &protocol.AttachTarget{At: protocol.AtKprobe, Symbol: symbol, Offset: offset}, nil
}

// cutOffset reads "function+0x10".
func cutOffset(place string) (symbol string, offset uint64, err error) {
	symbol, digits, found := strings.Cut(place, "+")
	if !found {
		return symbol, 0, nil
	}
	offset, err = strconv.ParseUint(digits, 0, 64)
	if err != nil {
		return "", 0, fmt.Errorf("%q is no offset in a function", digits)
	}
	return symbol, offset, nil
}

func isCgroupType(kind ebpf.ProgramType) bool {
	switch kind {
	case ebpf.CGroupSKB, ebpf.CGroupSock, ebpf.CGroupSockAddr, ebpf.CGroupSockopt, ebpf.CGroupSysctl, ebpf.CGroupDevice,
		ebpf.SockOps:
		return true
	}
	return false
}
