package player

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"crossbpf/agent/child"
	"crossbpf/agent/protocol"
)

// systemCallPrefixes are what the names of the functions of system calls begin with.
var systemCallPrefixes = map[string]string{"amd64": "__x64_sys_", "arm64": "__arm64_sys_", "s390x": "__s390x_sys_"}

// probeOf reads a program's section again, as the type alone does not tell a uprobe from a kretprobe.
func probeOf(spec *ebpf.ProgramSpec) probe {
	kind, _ := cutSection(spec.SectionName)
	return probes[kind]
}

func attachKprobe(program *ebpf.Program, spec *ebpf.ProgramSpec, target *protocol.AttachTarget) (attachment, error) {
	p := probeOf(spec)
	symbol := target.Symbol
	if p.system {
		symbol = systemCallPrefixes[runtime.GOARCH] + symbol
	}
	switch {
	case p.user:
		return attachment{}, errors.New("a program for uprobes cannot be attached to a kprobe")
	case p.multi:
		return attachKprobes(program, p, symbol)
	case p.isReturn:
		return linked(link.Kretprobe(symbol, program, &link.KprobeOptions{Offset: target.Offset}))
	}
	return linked(link.Kprobe(symbol, program, &link.KprobeOptions{Offset: target.Offset}))
}

// attachKprobes attaches to all functions that a pattern names.
func attachKprobes(program *ebpf.Program, p probe, pattern string) (attachment, error) {
	symbols := []string{pattern}
	if strings.ContainsAny(pattern, "*?") {
		found, err := matchingFunctions(pattern)
		if err != nil {
			return attachment{}, err
		}
		symbols = found
	}
	options := link.KprobeMultiOptions{Symbols: symbols, Session: p.session}
	if p.isReturn {
		return linked(link.KretprobeMulti(program, options))
	}
	return linked(link.KprobeMulti(program, options))
}

// matchingFunctions are those of the kernel that can be traced and that a pattern names, as libbpf chooses them.
func matchingFunctions(pattern string) ([]string, error) {
	err := error(unix.ENOENT)
	for _, folder := range traceFolders {
		var text []byte
		if text, err = os.ReadFile(folder + "/available_filter_functions"); err == nil {
			return matchingNames(pattern, string(text))
		}
	}
	return nil, fmt.Errorf("read the names of the kernel's functions: %w", err)
}

func matchingNames(pattern, text string) ([]string, error) {
	var found []string
	for line := range strings.Lines(text) {
		name, _, _ := strings.Cut(strings.TrimSpace(line), " ")
		matches, err := path.Match(pattern, name)
		if err != nil {
			return nil, fmt.Errorf("%q is no pattern", pattern)
		}
		if matches {
			found = append(found, name)
		}
	}
	if len(found) == 0 {
		return nil, fmt.Errorf("the kernel has no function %s that can be traced: %w", pattern, unix.ENOENT)
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

func (s *scene) attachUprobe(program *ebpf.Program, spec *ebpf.ProgramSpec, target *protocol.AttachTarget) (attachment, error) {
	p := probeOf(spec)
	if !p.user {
		return attachment{}, fmt.Errorf("a program of section %q cannot be attached to a uprobe", spec.SectionName)
	}
	file, symbols, addresses := target.File, []string{target.Symbol}, []uint64(nil)
	if file == "" || file == selfLink {
		offset, err := ownFunction(target.Symbol)
		if err != nil {
			return attachment{}, err
		}
		file, symbols, addresses = selfLink, nil, []uint64{offset}
	} else if !filepath.IsAbs(file) {
		file = s.props.path(file)
	}
	executable, err := link.OpenExecutable(file)
	if err != nil {
		return attachment{}, err
	}
	if p.session {
		return attachment{}, errors.New("programs of uprobe.session are not attached by this version of crossbpf")
	}
	if p.multi {
		options := &link.UprobeMultiOptions{Addresses: addresses}
		if p.isReturn {
			return linked(executable.UretprobeMulti(symbols, program, options))
		}
		return linked(executable.UprobeMulti(symbols, program, options))
	}
	return attachOneUprobe(executable, program, target.Symbol, addresses, p.isReturn)
}

func attachOneUprobe(executable *link.Executable, program *ebpf.Program, symbol string, addresses []uint64, isReturn bool) (attachment, error) {
	options := &link.UprobeOptions{}
	if len(addresses) > 0 {
		options.Address = addresses[0]
	}
	if isReturn {
		return linked(executable.Uretprobe(symbol, program, options))
	}
	return linked(executable.Uprobe(symbol, program, options))
}

// selfLink leads to the agent's own binary.
const selfLink = "/proc/self/exe"

// ownFunction finds a function of the agent's own binary, which has no symbols: where it lies in the file.
func ownFunction(symbol string) (uint64, error) {
	if symbol != child.TriggerSymbol {
		return 0, fmt.Errorf("the agent has no function %s, only %s", symbol, child.TriggerSymbol)
	}
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		return 0, err
	}
	return fileOffset(string(maps), uint64(child.TriggerAddress()))
}

// fileOffset finds in proc_pid_maps(5) where in its file an address lies.
func fileOffset(maps string, address uint64) (uint64, error) {
	for line := range strings.Lines(maps) {
		var start, end, offset uint64
		var permissions string
		if _, err := fmt.Sscanf(line, "%x-%x %s %x", &start, &end, &permissions, &offset); err != nil {
			continue
		}
		if start <= address && address < end {
			return address - start + offset, nil
		}
	}
	return 0, fmt.Errorf("the address %#x is not mapped", address)
}
