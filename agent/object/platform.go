package object

import (
	"bytes"
	"debug/elf"
	"fmt"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"crossbpf/agent/names"
)

// windowsMark is the section by which an object says that it is for eBPF for Windows. Its own headers make one
// (include/bpf_helpers_platform.h), as ours do.
const windowsMark = ".ebpf_for_windows"

// platformOf tells which platform an object is for. Those for Linux have no mark.
func platformOf(file *elf.File) string {
	if file.Section(windowsMark) != nil {
		return names.Windows
	}
	return names.Linux
}

// ParseFor reads an object, and fails for one that is not for the given platform: the same numbers mean other helpers,
// map types and verdicts elsewhere.
func ParseFor(platform string, data []byte) (*File, error) {
	file, err := Parse(data)
	switch {
	case err != nil || file.Platform == platform:
		return file, err
	case file.Platform == names.Windows:
		return nil, fmt.Errorf("the object is for eBPF for Windows (it has a section %s), not for Linux", windowsMark)
	}
	return nil, fmt.Errorf("the object is for Linux, not for eBPF for Windows (it has no section %s)", windowsMark)
}

// windowsSection is a beginning of section names with what programs in such sections are; the longest that fits counts.
// The names and numbers are those that eBPF for Windows registers (netebpfext/net_ebpf_ext_program_info.h,
// include/ebpf_structs.h of 1.5.0), xdp-for-windows and ntosebpfext.
type windowsSection struct {
	prefix       string
	kind, attach uint32
}

var windowsSections = []windowsSection{
	{"xdp", 1, 1},
	{"bind", 2, 2},
	{"cgroup/connect4", 3, 3},
	{"cgroup/connect6", 3, 4},
	{"cgroup/recv_accept4", 3, 5},
	{"cgroup/recv_accept6", 3, 6},
	{"cgroup/connect_authorization4", 3, 12},
	{"cgroup/connect_authorization6", 3, 13},
	{"cgroup/bind4", 3, 14},
	{"cgroup/bind6", 3, 15},
	{"cgroup/listen4", 3, 16},
	{"cgroup/listen6", 3, 17},
	{"sockops", 4, 7},
	{"netevent_monitor", 5, 10},
	{"process", 6, 11},
	{"sample_ext", 999, 8},
}

// readForWindows reads a specification and gives it the meaning that its numbers have on Windows: cilium/ebpf reads every
// object as one for Linux.
func readForWindows(file *elf.File, data []byte) (*ebpf.CollectionSpec, error) {
	spec, err := ebpf.LoadCollectionSpecFromReader(bytes.NewReader(asOnLinux(file, data)))
	if err != nil {
		return nil, err
	}
	for _, m := range spec.Maps {
		if err := mapToWindows(m); err != nil {
			return nil, err
		}
	}
	for _, program := range spec.Programs {
		if err := programToWindows(program); err != nil {
			return nil, err
		}
	}
	return spec, nil
}

func mapToWindows(m *ebpf.MapSpec) (err error) {
	number, found := names.MapTypeOnWindows(uint32(m.Type))
	if !found {
		number = uint32(m.Type)
	}
	m.Type, err = ebpf.MapTypeForPlatform(names.Windows, number)
	if err == nil && m.InnerMap != nil {
		err = mapToWindows(m.InnerMap)
	}
	// No flag is known there, and the loader would set one for .rodata.
	m.Flags = 0
	return err
}

func programToWindows(program *ebpf.ProgramSpec) (err error) {
	section := sectionOf(program.SectionName)
	program.AttachTo, program.Flags = "", 0
	if program.Type, err = ebpf.ProgramTypeForPlatform(names.Windows, section.kind); err != nil {
		return err
	}
	if program.AttachType, err = ebpf.AttachTypeForPlatform(names.Windows, section.attach); err != nil {
		return err
	}
	for i := range program.Instructions {
		instruction := &program.Instructions[i]
		if !instruction.IsBuiltinCall() || instruction.Constant < 0 {
			continue
		}
		helper, err := asm.BuiltinFuncForPlatform(names.Windows, uint32(instruction.Constant))
		if err != nil {
			return fmt.Errorf("program %s: %w", program.Name, err)
		}
		instruction.Constant = int64(helper)
	}
	return nil
}

func sectionOf(name string) windowsSection {
	var found windowsSection
	for _, section := range windowsSections {
		if strings.HasPrefix(name, section.prefix) && len(section.prefix) > len(found.prefix) {
			found = section
		}
	}
	return found
}
