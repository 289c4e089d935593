// Package child makes the program that scenarios run when they name none: it calls a function that uprobes find, waits for
// the end of its input, and ends with code 0. A copy of the agent would do, but takes half a second to start in a guest
// that is emulated.
package child

import (
	"debug/elf"
	"encoding/binary"
	"fmt"
	"runtime"
)

// Symbol is the name of the function.
const Symbol = "crossbpf_trigger"

const (
	// base is where the file lies in memory.
	base = 0x400000
	// largestPage is the largest page that a kernel may have.
	largestPage = 0x10000

	headerSize, segmentSize, sectionSize, symbolSize = 64, 56, 64, 24
	textOffset                                       = headerSize + segmentSize
)

// names are the strings that the file refers to by their places: of sections, and of the symbol.
const names = "\x00.text\x00.symtab\x00.strtab\x00" + Symbol + "\x00"

const textName, symtabName, strtabName, symbolName = 1, 7, 15, 23

// Program returns the program for this machine, as an ELF file.
func Program() ([]byte, error) { return program(runtime.GOARCH) }

func program(arch string) ([]byte, error) {
	c, known := codes[arch]
	if !known {
		return nil, fmt.Errorf("there is no program for a child on %s", arch)
	}
	namesOffset := uint64(textOffset + len(c.text))
	symbolsOffset := aligned(namesOffset + uint64(len(names)))
	sectionsOffset := symbolsOffset + 2*symbolSize
	file := c.appendStruct(nil, c.header(sectionsOffset))
	file = c.appendStruct(file, elf.Prog64{
		Type: uint32(elf.PT_LOAD), Flags: uint32(elf.PF_R | elf.PF_X), Vaddr: base, Paddr: base,
		Filesz: sectionsOffset, Memsz: sectionsOffset, Align: largestPage,
	})
	file = append(append(file, c.text...), names...)
	file = append(file, make([]byte, symbolsOffset-uint64(len(file)))...)
	file = c.appendStruct(file, elf.Sym64{})
	file = c.appendStruct(file, elf.Sym64{
		Name: symbolName, Info: byte(elf.ST_INFO(elf.STB_GLOBAL, elf.STT_FUNC)), Shndx: 1,
		Value: base + textOffset + c.symbol, Size: uint64(len(c.text)) - c.symbol,
	})
	for _, section := range []elf.Section64{
		{},
		{Name: textName, Type: uint32(elf.SHT_PROGBITS), Flags: uint64(elf.SHF_ALLOC | elf.SHF_EXECINSTR),
			Addr: base + textOffset, Off: textOffset, Size: uint64(len(c.text)), Addralign: 4},
		{Name: symtabName, Type: uint32(elf.SHT_SYMTAB), Off: symbolsOffset, Size: 2 * symbolSize,
			Link: 3, Info: 1, Addralign: 8, Entsize: symbolSize},
		{Name: strtabName, Type: uint32(elf.SHT_STRTAB), Off: namesOffset, Size: uint64(len(names)), Addralign: 1},
	} {
		file = c.appendStruct(file, section)
	}
	return file, nil
}

func (c code) header(sectionsOffset uint64) elf.Header64 {
	header := elf.Header64{
		Type: uint16(elf.ET_EXEC), Machine: uint16(c.machine), Version: uint32(elf.EV_CURRENT),
		Entry: base + textOffset, Phoff: headerSize, Shoff: sectionsOffset,
		Ehsize: headerSize, Phentsize: segmentSize, Phnum: 1, Shentsize: sectionSize, Shnum: 4, Shstrndx: 3,
	}
	copy(header.Ident[:], elf.ELFMAG)
	header.Ident[elf.EI_CLASS] = byte(elf.ELFCLASS64)
	header.Ident[elf.EI_VERSION] = byte(elf.EV_CURRENT)
	header.Ident[elf.EI_DATA] = byte(elf.ELFDATA2LSB)
	if c.order == binary.BigEndian {
		header.Ident[elf.EI_DATA] = byte(elf.ELFDATA2MSB)
	}
	return header
}

// appendStruct appends a structure of fixed size, for which there is no error.
func (c code) appendStruct(file []byte, structure any) []byte {
	file, err := binary.Append(file, c.order, structure)
	if err != nil {
		panic(err)
	}
	return file
}

func aligned(offset uint64) uint64 { return (offset + 7) &^ 7 }
