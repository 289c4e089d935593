package efw

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
)

// Sizes in a 64-bit ELF file.
const (
	headerSize     = 64
	symbolSize     = elf.Sym64Size
	relocationSize = 16
	sectionSize    = 64
)

// loadWide is the opcode of a load of 64 bits, of which the lower half holds what is added to a symbol.
const loadWide = 0x18

// Localize makes references to global variables such as they are to static ones: to the variable's section and a number
// of bytes, not to its name. The converter of eBPF for Windows takes no others ("Global variables must be static" in
// tools/bpf2c/bpf_code_generator.cpp of 1.5.0), although its verifier does. Names stay in the table of symbols.
func Localize(object []byte) ([]byte, error) {
	file, err := elf.NewFile(bytes.NewReader(object))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	symbols := slices.IndexFunc(file.Sections, func(s *elf.Section) bool { return s.Type == elf.SHT_SYMTAB })
	if symbols < 0 || file.Class != elf.ELFCLASS64 {
		return nil, errors.New("no symbols, or not a 64-bit file")
	}
	table, err := file.Sections[symbols].Data()
	if err != nil {
		return nil, err
	}
	l := &localizer{file: file, object: bytes.Clone(object), order: file.ByteOrder, symbols: slices.Clip(table)}
	for _, section := range file.Sections {
		if section.Type != elf.SHT_REL || int(section.Info) >= len(file.Sections) {
			continue
		}
		if code := file.Sections[section.Info]; code.Flags&elf.SHF_EXECINSTR != 0 {
			if err := l.rewrite(section, code); err != nil {
				return nil, fmt.Errorf("%s: %w", section.Name, err)
			}
		}
	}
	if len(l.symbols) == len(table) {
		return l.object, nil
	}
	return l.withSymbols(symbols), nil
}

type localizer struct {
	file    *elf.File
	object  []byte
	order   binary.ByteOrder
	symbols []byte
}

// rewrite changes the relocations of one section of code.
func (l *localizer) rewrite(relocations, code *elf.Section) error {
	if relocations.Offset+relocations.FileSize > uint64(len(l.object)) || code.Offset+code.FileSize > uint64(len(l.object)) {
		return errors.New("it does not lie in the file")
	}
	entries := l.object[relocations.Offset : relocations.Offset+relocations.FileSize]
	for ; len(entries) >= relocationSize; entries = entries[relocationSize:] {
		place, info := l.order.Uint64(entries), l.order.Uint64(entries[8:])
		symbol, err := l.symbol(elf.R_SYM64(info))
		if err != nil {
			return err
		}
		if elf.ST_TYPE(symbol.Info) == elf.STT_SECTION || !l.isVariable(symbol) {
			continue
		}
		if place > code.FileSize || code.FileSize-place < 16 || l.object[code.Offset+place] != loadWide {
			return fmt.Errorf("the reference at %d is no load of an address", place)
		}
		immediate := l.object[code.Offset+place+4:]
		l.order.PutUint32(immediate, l.order.Uint32(immediate)+uint32(symbol.Value))
		l.order.PutUint64(entries[8:], elf.R_INFO(l.sectionSymbol(symbol.Shndx), elf.R_TYPE64(info)))
	}
	return nil
}

func (l *localizer) symbol(index uint32) (elf.Sym64, error) {
	start := int(index) * symbolSize
	if start+symbolSize > len(l.symbols) {
		return elf.Sym64{}, fmt.Errorf("there is no symbol %d", index)
	}
	var symbol elf.Sym64
	_, err := binary.Decode(l.symbols[start:], l.order, &symbol)
	return symbol, err
}

// isVariable tells a symbol of one of the sections of variables that the converter knows.
func (l *localizer) isVariable(symbol elf.Sym64) bool {
	if int(symbol.Shndx) >= len(l.file.Sections) {
		return false
	}
	name := l.file.Sections[symbol.Shndx].Name
	return name == ".bss" || name == ".data" || name == ".rodata"
}

// sectionSymbol returns the number of a section's own symbol, which is added where there is none.
func (l *localizer) sectionSymbol(section uint16) uint32 {
	for index := uint32(0); int(index)*symbolSize < len(l.symbols); index++ {
		symbol, err := l.symbol(index)
		if err == nil && elf.ST_TYPE(symbol.Info) == elf.STT_SECTION && symbol.Shndx == section {
			return index
		}
	}
	added := elf.Sym64{Info: elf.ST_INFO(elf.STB_LOCAL, elf.STT_SECTION), Shndx: section}
	index := uint32(len(l.symbols) / symbolSize)
	l.symbols, _ = binary.Append(l.symbols, l.order, added)
	return index
}

// withSymbols puts the longer table of symbols before the headers of the sections, which have to stay the file's end.
func (l *localizer) withSymbols(section int) []byte {
	headers := l.order.Uint64(l.object[40:])
	made := slices.Clone(l.object[:headers])
	for len(made)%8 != 0 {
		made = append(made, 0)
	}
	start := uint64(len(made))
	made = append(made, l.symbols...)
	l.order.PutUint64(made[40:], uint64(len(made)))
	table := slices.Clone(l.object[headers:])
	entry := table[section*sectionSize:]
	l.order.PutUint64(entry[24:], start)
	l.order.PutUint64(entry[32:], uint64(len(l.symbols)))
	return append(made, table...)
}
