package features

import (
	"bytes"
	"encoding/binary"
	"errors"
	"os"
	"strings"
)

// Kinds of types in BTF (include/uapi/linux/btf.h), and how many bytes follow a type's head of 12: so many for itself,
// and so many for each of its parts.
const (
	btfStruct  = 4
	btfTypedef = 8
	btfFunc    = 12
	btfEnum    = 6
	btfDeclTag = 17
)

var btfTail = map[uint32]struct{ own, each int }{
	1: {own: 4}, 2: {}, 3: {own: 12}, 4: {each: 12}, 5: {each: 12}, 6: {each: 8}, 7: {}, 8: {}, 9: {}, 10: {}, 11: {},
	12: {}, 13: {each: 8}, 14: {own: 4}, 15: {each: 12}, 16: {}, 17: {own: 4}, 18: {}, 19: {each: 12},
}

// kernelTypes are the names of the kernel's own types that probes ask for. Reading heads alone is a hundred times faster
// than to make types of all of them, of which there are more than 100,000.
type kernelTypes struct {
	// functions, structs and typedefs have their IDs by name.
	functions, structs, typedefs map[string]uint32
	// tagged are the names of functions that are marked as kfuncs, which kernels do from 6.10 on.
	tagged []string
	// enumerators are those of the enumerations that list what BPF has.
	enumerators map[string][]string

	data    []byte
	strings []byte
	starts  []uint32 // by type ID
}

// readTypes reads the types of the running kernel.
func readTypes() (*kernelTypes, error) {
	data, err := os.ReadFile("/sys/kernel/btf/vmlinux")
	if err != nil {
		return nil, err
	}
	return scanTypes(data)
}

var errTypes = errors.New("the kernel's types cannot be read")

func scanTypes(data []byte) (*kernelTypes, error) {
	if len(data) < 24 || binary.LittleEndian.Uint16(data) != 0xeb9f {
		return nil, errTypes
	}
	word := func(at int) int { return int(binary.LittleEndian.Uint32(data[at:])) }
	head := word(4)
	from, to := head+word(8), head+word(8)+word(12)
	stringsFrom, stringsTo := head+word(16), head+word(16)+word(20)
	if from > to || to > len(data) || stringsFrom > stringsTo || stringsTo > len(data) {
		return nil, errTypes
	}
	t := &kernelTypes{
		functions: map[string]uint32{}, structs: map[string]uint32{}, typedefs: map[string]uint32{},
		enumerators: map[string][]string{}, data: data[from:to], strings: data[stringsFrom:stringsTo], starts: []uint32{0},
	}
	return t, t.scan()
}

func (t *kernelTypes) scan() error {
	const tag = "bpf_kfunc"
	var marked []uint32
	for at := 0; at+12 <= len(t.data); {
		info := t.word(at + 4)
		kind, parts := info>>24&31, int(info&0xffff)
		tail, known := btfTail[kind]
		if !known {
			return errTypes
		}
		t.starts = append(t.starts, uint32(at))
		id := uint32(len(t.starts) - 1)
		switch kind {
		case btfFunc:
			t.functions[t.name(at)] = id
		case btfStruct:
			t.structs[t.name(at)] = id
		case btfTypedef:
			t.typedefs[t.name(at)] = id
		case btfEnum:
			if name := t.name(at); strings.HasPrefix(name, "bpf_") {
				t.enumerators[name] = t.values(at, parts)
			}
		case btfDeclTag:
			if t.name(at) == tag {
				// A mark may come before what it marks.
				marked = append(marked, t.word(at+8))
			}
		}
		at += 12 + tail.own + parts*tail.each
	}
	for _, id := range marked {
		t.tagged = append(t.tagged, t.nameOf(id))
	}
	return nil
}

func (t *kernelTypes) values(at, count int) []string {
	values := make([]string, 0, count)
	for i := range count {
		values = append(values, t.text(t.word(at+12+8*i)))
	}
	return values
}

func (t *kernelTypes) word(at int) uint32 { return binary.LittleEndian.Uint32(t.data[at:]) }

func (t *kernelTypes) name(at int) string { return t.text(t.word(at)) }

func (t *kernelTypes) nameOf(id uint32) string {
	if int(id) >= len(t.starts) {
		return ""
	}
	return t.name(int(t.starts[id]))
}

func (t *kernelTypes) text(offset uint32) string {
	if int(offset) >= len(t.strings) {
		return ""
	}
	rest := t.strings[offset:]
	end := bytes.IndexByte(rest, 0)
	if end < 0 {
		return ""
	}
	return string(rest[:end])
}

// members are those of a struct: their names and the IDs of their types.
func (t *kernelTypes) members(id uint32) (list []member) {
	at := int(t.starts[id])
	for i := range int(t.word(at+4) & 0xffff) {
		part := at + 12 + 12*i
		list = append(list, member{name: t.text(t.word(part)), id: t.word(part + 4)})
	}
	return list
}

type member struct {
	name string
	id   uint32
}

// kindOf follows no names: a typedef stays one.
func (t *kernelTypes) kindOf(id uint32) uint32 { return t.word(int(t.starts[id])+4) >> 24 & 31 }

// target is the type that a pointer or the like refers to.
func (t *kernelTypes) target(id uint32) uint32 { return t.word(int(t.starts[id]) + 8) }
