package mend

import (
	"debug/elf"
	"encoding/binary"
	"slices"
	"sort"

	"crossbpf/agent/object/code"
)

// body is a function with its symbol and its place in the file.
type body struct {
	*code.Function
	symbol  symbol
	number  int // of the symbol
	section int
	start   int // of its section in the file
}

// at is where an instruction is in the file.
func (f *body) at(insn int) int { return f.start + (f.At+insn)*code.InsnSize }

// bodies are an object's functions by section, in the order in which they stand there.
type bodies map[int][]*body

// readBodies finds the functions as the library does: of symbols for one place, the last counts.
func (m *image) readBodies(data []byte) bodies {
	found, names := make(bodies), m.namesOfSymbols()
	byPlace := make(map[[2]uint64]*body)
	for number, s := range m.symbols() {
		section := m.section(s.section)
		isFunction := s.kind == elf.STT_FUNC || s.kind == elf.STT_NOTYPE && s.bind != elf.STB_LOCAL
		if !isFunction || !m.isProgramSection(section) || s.size == 0 || s.size%code.InsnSize != 0 ||
			s.value%code.InsnSize != 0 || s.value > section.FileSize || s.size > section.FileSize-s.value {
			continue
		}
		start := section.Offset + s.value
		one := &body{
			Function: &code.Function{
				Name: textAt(names, s.nameAt), Section: section.Name, SectionIndex: s.section,
				At: int(s.value) / code.InsnSize, Code: data[start : start+s.size],
			},
			symbol: s, number: number, section: s.section, start: int(section.Offset),
		}
		if one.Name == "" {
			continue
		}
		place := [2]uint64{uint64(s.section), s.value}
		if former := byPlace[place]; former != nil {
			*former = *one
			continue
		}
		byPlace[place] = one
		found[s.section] = append(found[s.section], one)
	}
	for _, list := range found {
		slices.SortFunc(list, func(a, b *body) int { return a.At - b.At })
	}
	return found
}

func (m *image) isProgramSection(section *elf.Section) bool {
	return section != nil && section.Type == elf.SHT_PROGBITS && section.Flags&elf.SHF_EXECINSTR != 0 &&
		m.contents(section) != nil
}

// holding is the function that an instruction of a section belongs to; nil for none.
func (f bodies) holding(section, insn int) *body {
	list := f[section]
	next := sort.Search(len(list), func(i int) bool { return list[i].At > insn })
	if next == 0 {
		return nil
	}
	if one := list[next-1]; insn < one.At+one.Count() {
		return one
	}
	return nil
}

// hasGaps tells of a section with instructions that belong to no function: linkers leave weak functions behind that
// another one took the place of.
func hasGaps(list []*body) bool {
	end := 0
	for _, one := range list {
		if one.At != end {
			return true
		}
		end += one.Count()
	}
	return false
}

// insn is one instruction.
type insn struct {
	bytes []byte
	order binary.ByteOrder
}

func (i insn) op() byte { return i.bytes[0] }

func (i insn) immediate() int32 { return int32(i.order.Uint32(i.bytes[4:])) }

func (i insn) source() byte {
	if i.order == binary.BigEndian {
		return i.bytes[1] & 0xf
	}
	return i.bytes[1] >> 4
}

func (i insn) isLoad64() bool { return i.op() == opLoad64 }

func (i insn) isCall() bool { return i.op() == opCall }

// refersToFunction tells a call of another function of the program, and a load of the address of one.
func (i insn) refersToFunction() bool {
	return i.isCall() && i.source() == pseudoCall || i.isLoad64() && i.source() == pseudoFunc
}

// Operations and what their source register may say (include/uapi/linux/bpf.h).
const (
	opLoad64, opCall       = 0x18, 0x85
	pseudoCall, pseudoFunc = 1, 4
)
