package mend

import (
	"debug/elf"
	"iter"
)

// symbol is an entry of the table of symbols.
type symbol struct {
	// at is where it stands in the file.
	at      int
	nameAt  uint32
	kind    elf.SymType
	bind    elf.SymBind
	section int
	value   uint64
	size    uint64
}

// symbols gives each symbol with its number.
func (m *image) symbols() iter.Seq2[int, symbol] {
	return func(yield func(int, symbol) bool) {
		for number := 1; (number+1)*symbolSize <= int(m.symtab.FileSize); number++ {
			if s, _ := m.symbol(number); !yield(number, s) {
				return
			}
		}
	}
}

func (m *image) symbol(number int) (s symbol, found bool) {
	if number <= 0 || (number+1)*symbolSize > int(m.symtab.FileSize) {
		return symbol{}, false
	}
	at := int(m.symtab.Offset) + number*symbolSize
	entry := m.data[at:]
	return symbol{
		at: at, nameAt: m.order.Uint32(entry), kind: elf.ST_TYPE(entry[4]), bind: elf.ST_BIND(entry[4]),
		section: int(m.order.Uint16(entry[6:])), value: m.order.Uint64(entry[8:]), size: m.order.Uint64(entry[16:]),
	}, true
}

func (m *image) nameOf(s symbol) string { return textAt(m.strings(int(m.symtab.Link)), s.nameAt) }

func (m *image) nameSymbol(s symbol, name string) {
	m.setWord(s.at, m.addString(int(m.symtab.Link), name))
}

func (m *image) bindSymbol(s symbol, bind elf.SymBind) {
	m.touch()
	m.data[s.at+4] = elf.ST_INFO(bind, s.kind)
}

// isCode tells whether a symbol is that of a function.
func (m *image) isCode(s symbol) bool {
	section := m.section(s.section)
	return s.kind == elf.STT_FUNC && section != nil && section.Flags&elf.SHF_EXECINSTR != 0
}

// relocation says that a place in a section takes the value of a symbol.
type relocation struct {
	// at is where the entry stands in the file.
	at     int
	place  uint64
	symbol int
}

// relocations gives the entries for one section.
func (m *image) relocations(target int) iter.Seq[relocation] {
	const size = 16
	return func(yield func(relocation) bool) {
		for _, section := range m.file.Sections {
			if section.Type != elf.SHT_REL || int(section.Info) != target || m.contents(section) == nil {
				continue
			}
			for at := 0; at+size <= int(section.FileSize); at += size {
				entry := m.data[int(section.Offset)+at:]
				found := relocation{
					at: int(section.Offset) + at, place: m.order.Uint64(entry),
					symbol: int(elf.R_SYM64(m.order.Uint64(entry[8:]))),
				}
				if !yield(found) {
					return
				}
			}
		}
	}
}
