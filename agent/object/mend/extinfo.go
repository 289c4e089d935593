package mend

import (
	"bytes"
	"debug/elf"
	"slices"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/core"
	"crossbpf/agent/object/code"
)

const (
	// headerSize is that of struct btf_ext_header with its part for CO-RE.
	headerSize       = 32
	relocationsAt    = 24
	relocationsLenAt = 28
	recordSize       = 16
)

// readRelocations reads the CO-RE relocations of .BTF.ext. Those of instructions that belong to no function are left out,
// as libbpf leaves them out (bpf_object__relocate_core).
func (o *Object) readRelocations(r *reader, t *types) {
	number := slices.IndexFunc(r.file.Sections, func(s *elf.Section) bool { return s.Name == ".BTF.ext" })
	if number < 0 || t == nil {
		return
	}
	section := r.file.Sections[number]
	info := r.contents(section)
	if len(info) < headerSize {
		return
	}
	field := func(at int) uint64 { return uint64(r.order.Uint32(info[at:])) }
	start, size := field(4)+field(relocationsAt), field(relocationsLenAt)
	if field(4) < headerSize || size == 0 || start > uint64(len(info)) || size > uint64(len(info))-start {
		return
	}
	if !o.addRelocations(r, t, info[start:start+size]) {
		// The library would refuse the whole object for one of them.
		r.setWord(int(section.Offset)+relocationsLenAt, 0)
	}
}

// addRelocations adds those of each section. It tells whether the library understands all.
func (o *Object) addRelocations(r *reader, t *types, info []byte) (areUsual bool) {
	if len(info) < 4 {
		return true
	}
	size := int(r.order.Uint32(info))
	if size < recordSize {
		return true
	}
	areUsual = size == recordSize
	for info = info[4:]; len(info) >= 8; {
		name, count := t.text(r.order.Uint32(info)), int(r.order.Uint32(info[4:]))
		section := slices.IndexFunc(r.file.Sections, func(s *elf.Section) bool { return s.Name == name })
		info = info[8:]
		if count > len(info)/size {
			return true
		}
		for range count {
			place := int(r.order.Uint32(info))
			found := core.Relocation{
				Type: btf.TypeID(r.order.Uint32(info[4:])), Access: t.text(r.order.Uint32(info[8:])),
				Kind: core.Kind(r.order.Uint32(info[12:])),
			}
			info = info[size:]
			areUsual = areUsual && isUsual(found, t)
			if f := r.bodies.holding(section, place/code.InsnSize); f != nil {
				at := place/code.InsnSize - f.At
				o.Code.Relocations = append(o.Code.Relocations, code.Relocation{Relocation: found, Function: f.Function, At: at})
			}
		}
	}
	return areUsual
}

// isUsual tells whether the library can read a relocation.
func isUsual(relocation core.Relocation, t *types) bool {
	for part := range strings.SplitSeq(relocation.Access, ":") {
		if _, err := strconv.ParseUint(part, 10, 31); err != nil {
			return false
		}
	}
	return t.has(uint32(relocation.Type)) || relocation.Type == 0
}

// place puts what .BTF.ext says of instructions where it belongs, in sections with gaps: the library counts the
// instructions of functions alone.
func (o *Object) place(spec *ebpf.CollectionSpec) {
	if len(o.gaps) == 0 {
		return
	}
	_, infos, err := btf.LoadSpecAndExtInfosFromReader(bytes.NewReader(o.Data))
	if err != nil {
		return // the object has none
	}
	for _, section := range o.gaps {
		notes := notesOf(infos, section)
		for _, program := range spec.Programs {
			o.placeNotes(program.Instructions, section, notes)
		}
	}
}

// notes are what .BTF.ext says of the instructions of a section.
type notes struct {
	functions   map[int]*btf.Func
	lines       map[int]*btf.Line
	relocations map[int]*btf.CORERelocation
}

func notesOf(infos *btf.ExtInfos, section string) notes {
	n := notes{make(map[int]*btf.Func), make(map[int]*btf.Line), make(map[int]*btf.CORERelocation)}
	functions, lines, relocations := infos.Section(section)
	for _, one := range functions {
		n.functions[int(one.Offset)] = one.Func
	}
	for _, one := range lines {
		n.lines[int(one.Offset)] = one.Line
	}
	for _, one := range relocations {
		n.relocations[int(one.Offset)] = one.Relo
	}
	return n
}

func (o *Object) placeNotes(instructions asm.Instructions, section string, n notes) {
	var current *code.Function
	start := 0
	for i := instructions.Iterate(); i.Next(); {
		if name := i.Ins.Symbol(); name != "" {
			current, start = o.Code.Functions[name], int(i.Offset)
		}
		if current == nil || current.Section != section {
			continue
		}
		at := current.At + int(i.Offset) - start
		*i.Ins = btf.WithFuncMetadata(*i.Ins, n.functions[at])
		*i.Ins = btf.WithCORERelocationMetadata(*i.Ins, n.relocations[at])
		*i.Ins = i.Ins.WithSource(nil)
		if line := n.lines[at]; line != nil {
			*i.Ins = i.Ins.WithSource(line)
		}
	}
}
