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
	}
	attachOne := link.Kprobe
	if p.isReturn {
		attachOne = link.Kretprobe
	}
	made, err := linked(attachOne(symbol, program, &link.KprobeOptions{Offset: target.Offset}))
	return made, absent(err, "the kernel has no function %s that can be probed", symbol)
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
	file := s.probedFile(target.File)
	executable, err := link.OpenExecutable(file)
	if err != nil {
		return attachment{}, absent(err, "there is no file %s", file)
	}
	if p.session {
		return attachment{}, errors.New("programs of uprobe.session are not attached by this version of crossbpf")
	}
	made, err := linked(attachFunction(executable, p, target.Symbol, program))
	return made, absent(err, "%s has no function %s", filepath.Base(file), target.Symbol)
}

func attachFunction(executable *link.Executable, p probe, symbol string, program *ebpf.Program) (link.Link, error) {
	switch {
	case p.multi && p.isReturn:
		return executable.UretprobeMulti([]string{symbol}, program, nil)
	case p.multi:
		return executable.UprobeMulti([]string{symbol}, program, nil)
	case p.isReturn:
		return executable.Uretprobe(symbol, program, nil)
	}
	return executable.Uprobe(symbol, program, nil)
}

// selfLink is how sections name the program that attaches: here, the one that triggers run.
const selfLink = "/proc/self/exe"

// probedFile is the path of the file whose functions are probed.
func (s *scene) probedFile(file string) string {
	switch {
	case file == "" || file == selfLink:
		return s.props.path(childName)
	case filepath.IsAbs(file):
		return file
	}
	return s.props.path(file)
}
