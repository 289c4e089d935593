// Package inspect describes BPF objects without loading them, on any platform and without privileges.
package inspect

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/names"
	"crossbpf/agent/object"
	"crossbpf/agent/object/mend"
)

// largestFile is the largest object that is read, in bytes.
const largestFile = 256 << 20

// Object describes a whole object file. Lists are sorted by name and never null.
type Object struct {
	// Platform is what the object is for, "linux" or "windows".
	Platform string `json:"platform"`
	// Machine is the ELF machine: "bpf", or "none" as very old compilers wrote.
	Machine string `json:"machine"`
	// ByteOrder is "little" or "big".
	ByteOrder string `json:"byteOrder"`
	// License is as declared, "GPL"; empty where there is none.
	License string `json:"license"`
	// KernelVersion is the version section's LINUX_VERSION_CODE, or null.
	KernelVersion *uint32 `json:"kernelVersion"`
	// BTF tells whether the object has type information.
	BTF bool `json:"btf"`
	// NeedsCore tells whether a program has CO-RE relocations, so that it needs a kernel with BTF.
	NeedsCore bool      `json:"needsCore"`
	Programs  []Program `json:"programs"`
	Maps      []Map     `json:"maps"`
	// Sections are those of the program's own global variables; their values are maps too, of the same names.
	Sections []Section `json:"sections"`
}

// Program describes one program with all subprograms that it may call.
type Program struct {
	Name    string `json:"name"`
	Section string `json:"section"`
	// Type is the program type as in enum bpf_prog_type: "xdp"; "unspec" where the loader does not know the section.
	Type string `json:"type"`
	// AttachType is as in enum bpf_attach_type: "trace_fentry"; empty for none.
	AttachType string `json:"attachType"`
	// AttachTo is the kernel function, hook or the like that the section names; empty for none.
	AttachTo string `json:"attachTo"`
	// Sleepable tells whether the program may sleep (BPF_F_SLEEPABLE).
	Sleepable bool `json:"sleepable"`
	// Insns is the program's length in instructions of 8 bytes, with its subprograms, before the verifier's rewriting.
	Insns int `json:"insns"`
	// Subprograms are the functions that come with the program, in their order in the code.
	Subprograms []string `json:"subprograms"`
	// Helpers are the helper functions that are called: "bpf_map_lookup_elem".
	Helpers []string `json:"helpers"`
	// Kfuncs are the kernel functions that are called by BTF.
	Kfuncs []string `json:"kfuncs"`
	// Maps are the names of the maps that are used, sections of variables included.
	Maps []string `json:"maps"`
	// Variables are the places in sections of variables whose addresses the program takes.
	Variables []VariablePlace `json:"variables"`
	// CoreRelocations is how many instructions depend on the layout of the kernel's types.
	CoreRelocations int `json:"coreRelocations"`
	// Features are what the instructions alone show, see features.go.
	Features []string `json:"features"`
}

// Map describes one map. A section of variables is a map too: ".rodata", ".bss".
type Map struct {
	Name string `json:"name"`
	// Type is as in enum bpf_map_type: "ringbuf".
	Type string `json:"type"`
	// KeySize and ValueSize are in bytes.
	KeySize   uint32 `json:"keySize"`
	ValueSize uint32 `json:"valueSize"`
	// MaxEntries may be 0 where the loader chooses, as for perf_event_array.
	MaxEntries uint32 `json:"maxEntries"`
	Flags      uint32 `json:"flags"`
	// BTF has the types of keys and values in C's words, or is null.
	BTF *MapTypes `json:"btf"`
	// Key and Value tell how they lie in memory, a per-CPU value as one CPU's; null where that is not known.
	Key   *Layout `json:"key"`
	Value *Layout `json:"value"`
	// InnerMap is the template of the maps that a map of maps holds, or null.
	InnerMap *Map `json:"innerMap"`
}

// MapTypes are the types of a map's keys and values: "struct flow", "u32"; empty where one is not known.
type MapTypes struct {
	Key   string `json:"key"`
	Value string `json:"value"`
}

// File describes an object file. Its error is one line, and says so where the file is not a BPF object.
func File(path string) (*Object, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: not a file", path)
	}
	if info.Size() > largestFile {
		return nil, fmt.Errorf("%s: not a BPF object: larger than %d bytes", path, largestFile)
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	description, err := Describe(data)
	if err != nil {
		return nil, fmt.Errorf("%s: not a BPF object: %w", path, err)
	}
	return description, nil
}

// Describe describes an object in memory.
func Describe(data []byte) (*Object, error) {
	file, err := object.Parse(data)
	if err != nil {
		return nil, err
	}
	description := &Object{
		Platform:  file.Platform,
		Machine:   strings.ToLower(strings.TrimPrefix(file.Machine.String(), "EM_")),
		ByteOrder: "little",
		License:   file.License,
		BTF:       file.Spec.Types != nil,
		Programs:  []Program{},
		Maps:      []Map{},
	}
	if file.ByteOrder == binary.BigEndian {
		description.ByteOrder = "big"
	}
	if file.Machine == elf.EM_NONE {
		description.Machine = "none"
	}
	if file.KernelVersion != 0 {
		description.KernelVersion = &file.KernelVersion
	}
	for _, name := range slices.Sorted(maps.Keys(file.Spec.Programs)) {
		program := describeProgram(file.Spec.Programs[name])
		description.NeedsCore = description.NeedsCore || program.CoreRelocations > 0
		description.Programs = append(description.Programs, program)
	}
	types := describer{bigEndian: file.ByteOrder == binary.BigEndian}
	specs := sortedMaps(file.Spec)
	for _, spec := range specs {
		description.Maps = append(description.Maps, *types.describeMap(spec))
	}
	description.Sections = types.describeSections(specs)
	return description, nil
}

func sortedMaps(spec *ebpf.CollectionSpec) []*ebpf.MapSpec {
	byName := func(a, b *ebpf.MapSpec) int { return strings.Compare(a.Name, b.Name) }
	listed := slices.SortedFunc(maps.Values(spec.Maps), byName)
	return slices.DeleteFunc(listed, func(m *ebpf.MapSpec) bool { return isOwn(m.Name) })
}

// isOwn tells of the map of kernel options, which is the loader's business: the object does not declare it.
func isOwn(name string) bool { return name == "" || name == mend.OptionsMap }

func (d *describer) describeMap(spec *ebpf.MapSpec) *Map {
	if spec == nil {
		return nil
	}
	m := &Map{
		Name:       spec.Name,
		Type:       names.MapType(spec.Type),
		KeySize:    spec.KeySize,
		ValueSize:  spec.ValueSize,
		MaxEntries: spec.MaxEntries,
		Flags:      spec.Flags,
		Key:        d.layoutOf(spec.Key, spec.KeySize),
		Value:      d.valueLayout(spec),
		InnerMap:   d.describeMap(spec.InnerMap),
	}
	if spec.Key != nil || spec.Value != nil {
		m.BTF = &MapTypes{Key: typeName(spec.Key), Value: typeName(spec.Value)}
	}
	return m
}

// valueLayout describes the value, or of a ring buffer the records: it has no value size, as they may differ.
func (d *describer) valueLayout(spec *ebpf.MapSpec) *Layout {
	if names.MapType(spec.Type) == "ringbuf" {
		if record := d.describe(spec.Value, 0); record != nil && record.Size <= maxLayout {
			return record
		}
		return nil
	}
	return d.layoutOf(spec.Value, spec.ValueSize)
}

// typeName writes a type as C would, for types that have a name.
func typeName(t btf.Type) string {
	return nameWithin(t, maxDepth)
}

// nameWithin follows so many types: a pointer may refer to itself.
func nameWithin(t btf.Type, depth int) string {
	if depth == 0 {
		return "…"
	}
	switch t := t.(type) {
	case nil, *btf.Void:
		return ""
	case *btf.Struct:
		return "struct " + t.Name
	case *btf.Union:
		return "union " + t.Name
	case *btf.Enum:
		return "enum " + t.Name
	case *btf.Const:
		return "const " + nameWithin(t.Type, depth-1)
	case *btf.Volatile:
		return "volatile " + nameWithin(t.Type, depth-1)
	case *btf.Pointer:
		return nameWithin(t.Target, depth-1) + " *"
	case *btf.Array:
		return fmt.Sprintf("%s[%d]", nameWithin(t.Type, depth-1), t.Nelems)
	case *btf.Datasec:
		return "section " + t.Name
	}
	return t.TypeName()
}
