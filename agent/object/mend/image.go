package mend

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"slices"
)

// Sizes and places in a 64-bit ELF file.
const (
	symbolSize        = elf.Sym64Size
	sectionSize       = 64
	sectionsOffsetAt  = 40
	sectionNameAt     = 0
	sectionTypeAt     = 4
	sectionOffsetAt   = 24
	sectionFileSizeAt = 32
)

// image is an object file that is changed where it stands. What becomes longer is put behind its end.
type image struct {
	file  *elf.File
	order binary.ByteOrder
	// data is the file; a copy of it once something was changed.
	data  []byte
	isOwn bool
	// sections is where the headers of sections are.
	sections int
	symtab   *elf.Section
	// added is what comes behind the strings of a section, by the section's number.
	added map[int][]byte
}

// openImage fails, as it returns nil, where a file is not of the kind that compilers make for BPF.
func openImage(file *elf.File, data []byte) *image {
	if file.Class != elf.ELFCLASS64 || len(data) < sectionSize {
		return nil
	}
	m := &image{file: file, order: file.ByteOrder, data: data, added: make(map[int][]byte)}
	start := m.order.Uint64(data[sectionsOffsetAt:])
	if start > uint64(len(data)) || uint64(len(data))-start < uint64(len(file.Sections)*sectionSize) {
		return nil
	}
	m.sections = int(start)
	for _, section := range file.Sections {
		if section.Type == elf.SHT_SYMTAB && m.contents(section) != nil {
			m.symtab = section
		}
	}
	if m.symtab == nil || m.strings(int(m.symtab.Link)) == nil {
		return nil
	}
	return m
}

// contents are the bytes of a section, or nil where they do not lie in the file as they are.
func (m *image) contents(section *elf.Section) []byte {
	size := uint64(len(m.data))
	if section.Type == elf.SHT_NOBITS || section.Flags&elf.SHF_COMPRESSED != 0 ||
		section.Offset > size || section.FileSize > size-section.Offset {
		return nil
	}
	return m.data[section.Offset : section.Offset+section.FileSize]
}

func (m *image) section(number int) *elf.Section {
	if number <= 0 || number >= len(m.file.Sections) {
		return nil
	}
	return m.file.Sections[number]
}

func (m *image) strings(number int) []byte {
	section := m.section(number)
	if section == nil || section.Type != elf.SHT_STRTAB {
		return nil
	}
	return m.contents(section)
}

// touch makes the data a copy, which may be changed.
func (m *image) touch() {
	if !m.isOwn {
		m.data, m.isOwn = slices.Clone(m.data), true
	}
}

func (m *image) word(at int) uint32 { return m.order.Uint32(m.data[at:]) }

func (m *image) setWord(at int, value uint32) {
	m.touch()
	m.order.PutUint32(m.data[at:], value)
}

// addString puts a string into a section of strings, and returns its place there.
func (m *image) addString(section int, text string) uint32 {
	m.touch()
	place := len(m.strings(section)) + len(m.added[section])
	m.added[section] = append(append(m.added[section], text...), 0)
	return uint32(place)
}

// nameSection gives a section another name.
func (m *image) nameSection(number int, name string) {
	table := int(m.order.Uint16(m.data[62:]))
	if m.strings(table) != nil {
		m.setWord(m.sections+number*sectionSize+sectionNameAt, m.addString(table, name))
	}
}

// hideSection makes a section one that no loader reads.
func (m *image) hideSection(number int) {
	m.setWord(m.sections+number*sectionSize+sectionTypeAt, uint32(elf.SHT_NOTE))
}

// move puts new contents of a section behind the file's end.
func (m *image) move(number int, contents []byte) {
	for len(m.data)%8 != 0 {
		m.data = append(m.data, 0)
	}
	header := m.data[m.sections+number*sectionSize:]
	m.order.PutUint64(header[sectionOffsetAt:], uint64(len(m.data)))
	m.order.PutUint64(header[sectionFileSizeAt:], uint64(len(contents)))
	m.data = append(m.data, contents...)
}

// whole is the changed file.
func (m *image) whole() []byte {
	for number, added := range m.added {
		m.move(number, append(slices.Clone(m.strings(number)), added...))
	}
	return m.data
}

// textAt is the string at a place.
func textAt(strings []byte, place uint32) string {
	if uint64(place) >= uint64(len(strings)) {
		return ""
	}
	text, _, _ := bytes.Cut(strings[place:], []byte{0})
	return string(text)
}
