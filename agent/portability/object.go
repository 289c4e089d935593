package portability

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/names"
	"crossbpf/agent/object"
	objectcode "crossbpf/agent/object/code"
	"crossbpf/agent/object/mend"
)

// opened is an object that was read, with its programs by name.
type opened struct {
	answer   Answer
	order    binary.ByteOrder
	types    *btf.Spec
	programs []*program
	// weak are the names of symbols that the object can do without.
	weak map[string]bool
	// options are the variables that a loader fills in from the kernel's configuration, by their places.
	options map[uint32]string
	// externs are what the object takes from the kernel.
	externs map[string]mend.Extern
	// broken are programs that the loader cannot read, with the reason.
	broken map[string]string
	// functions are as they stand in the object, by name, and relocations in its order; none where they were not read.
	functions   map[string]*objectcode.Function
	relocations []objectcode.Relocation
	// origins are the maps, and the sections of constants.
	origins map[string]*origin
}

// open reads an object, with the types of programs whose section does not say it. What is wrong with it is in the answer.
func open(path string, types map[string]string) *opened {
	o := &opened{answer: Answer{Object: path, ByteOrder: "little", Programs: []Program{}, Maps: []Map{}}}
	data, err := os.ReadFile(path)
	var file *object.File
	if err == nil {
		file, err = object.Parse(data)
	}
	if err == nil {
		err = file.SetTypes(types)
	}
	if err != nil {
		said := object.OneLine(err.Error())
		o.answer.Error = &said
		return o
	}
	o.order, o.types = file.ByteOrder, file.Spec.Types
	if file.ByteOrder == binary.BigEndian {
		o.answer.ByteOrder = "big"
	}
	o.weak, o.options = weakSymbols(data), options(file)
	o.externs, o.broken = file.Externs, file.Broken
	if file.Code != nil {
		o.functions, o.relocations = file.Code.Functions, file.Code.Relocations
	}
	o.origins = map[string]*origin{}
	for _, name := range slices.Sorted(maps.Keys(file.Spec.Maps)) {
		if name == mend.OptionsMap {
			continue
		}
		spec := file.Spec.Maps[name]
		o.answer.Maps = append(o.answer.Maps, *describeMap(spec))
		o.origins[name] = &origin{mapType: spec.Type, data: constants(spec)}
	}
	for _, name := range slices.Sorted(maps.Keys(file.Spec.Programs)) {
		o.programs = append(o.programs, o.prepare(file.Spec.Programs[name]))
	}
	return o
}

// constants is what a section of constants holds; nil for a map that is none.
func constants(spec *ebpf.MapSpec) []byte {
	if !strings.HasPrefix(spec.Name, ".rodata") || len(spec.Contents) == 0 {
		return nil
	}
	contents, _ := spec.Contents[0].Value.([]byte)
	return contents
}

func describeMap(spec *ebpf.MapSpec) *Map {
	if spec == nil {
		return nil
	}
	return &Map{
		Name: spec.Name, Type: names.MapType(spec.Type), KeySize: spec.KeySize, ValueSize: spec.ValueSize,
		MaxEntries: spec.MaxEntries, Flags: spec.Flags, Timer: holds(spec.Value, "bpf_timer"),
		Lock: holds(spec.Value, "bpf_spin_lock"), InnerMap: describeMap(spec.InnerMap),
	}
}

// holds looks for a struct of the kernel's in a map's value, which is a member of it or of a struct within it.
func holds(t btf.Type, name string) bool {
	return holdsWithin(t, name, maxNesting)
}

// maxNesting is how deep structs are looked into: one that is not a compiler's may be a member of itself.
const maxNesting = 32

func holdsWithin(t btf.Type, name string, depth int) bool {
	kind, ok := btf.UnderlyingType(t).(*btf.Struct)
	if !ok {
		return false
	}
	if kind.Name == name {
		return true
	}
	if depth == 0 {
		return false
	}
	return slices.ContainsFunc(kind.Members, func(m btf.Member) bool { return holdsWithin(m.Type, name, depth-1) })
}

// weakSymbols are those that the ELF file marks so and does not define.
func weakSymbols(data []byte) map[string]bool {
	weak := map[string]bool{}
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return weak
	}
	defer file.Close()
	symbols, _ := file.Symbols()
	for _, symbol := range symbols {
		if elf.ST_BIND(symbol.Info) == elf.STB_WEAK && symbol.Section == elf.SHN_UNDEF {
			weak[symbol.Name] = true
		}
	}
	return weak
}

// options are the kernel options that an object cannot do without, by their places in the map of all.
func options(file *object.File) map[uint32]string {
	list := map[uint32]string{}
	m := file.Spec.Maps[mend.OptionsMap]
	if m == nil {
		return list
	}
	section, _ := m.Value.(*btf.Datasec)
	for _, place := range section.Vars {
		if name := place.Type.TypeName(); !file.Externs[name].Weak {
			list[place.Offset] = name
		}
	}
	return list
}
