// Package names spells BPF's enumerations and errors as the kernel's own headers do.
package names

import (
	"fmt"
	"strings"
	"unicode"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// ProgramType returns the name of a program type in lower case, without the prefix BPF_PROG_TYPE_.
func ProgramType(t ebpf.ProgramType) string {
	if name, found := onWindows(windowsProgramTypes, uint32(t)); found {
		return name
	}
	return lookup(programTypes[:], uint32(t), t)
}

// ProgramTypeNamed returns the program type of that name on Linux, as ProgramType gives it.
func ProgramTypeNamed(name string) (t ebpf.ProgramType, found bool) {
	for number, known := range programTypes {
		if known == name && number > 0 {
			return ebpf.ProgramType(number), true
		}
	}
	return 0, false
}

// MapType returns the name of a map type in lower case, without the prefix BPF_MAP_TYPE_.
func MapType(t ebpf.MapType) string {
	if name, found := onWindows(windowsMapTypes, uint32(t)); found {
		return name
	}
	return lookup(mapTypes[:], uint32(t), t)
}

// AttachType returns the name of an attach type in lower case, without the prefix BPF_. The value 0 stands for
// "none" too: only a program of a type that attaches to cgroups' skbs means cgroup_inet_ingress by it.
func AttachType(t ebpf.AttachType, program ebpf.ProgramType) string {
	if name, found := onWindows(windowsAttachTypes, uint32(t)); found {
		return name
	}
	if t == 0 && program != ebpf.CGroupSKB {
		return ""
	}
	return lookup(attachTypes[:], uint32(t), t)
}

// Helper returns the name of a helper function as programs call it: bpf_map_lookup_elem.
func Helper(f asm.BuiltinFunc) string {
	if name, found := onWindows(windowsHelpers, uint32(f)); found {
		return name
	}
	name, known := strings.CutPrefix(strings.TrimPrefix(f.String(), "Windows"), "Fn")
	if !known {
		number, _ := decode(uint32(f))
		return fmt.Sprintf("helper#%d", number)
	}
	return "bpf_" + snakeCase(name)
}

// onWindows names a value that only eBPF for Windows has.
func onWindows(table map[uint32]string, value uint32) (string, bool) {
	number, isWindows := decode(value)
	if !isWindows {
		return "", false
	}
	name, found := table[number]
	return name, found
}

// lookup falls back to the library's own name, for values that only another platform has.
func lookup(table []string, value uint32, fallback fmt.Stringer) string {
	if value < uint32(len(table)) && table[value] != "" {
		return table[value]
	}
	return snakeCase(fallback.String())
}

func snakeCase(name string) string {
	var b strings.Builder
	for i, r := range name {
		if i > 0 && unicode.IsUpper(r) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}
