// Package object parses BPF object files, which may be hostile: no file makes it panic or take memory without bound.
package object

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/cilium/ebpf"

	"crossbpf/agent/names"
	"crossbpf/agent/object/code"
	"crossbpf/agent/object/mend"
)

// maxSection is the largest section of zeroes that is believed, in bytes: it takes no room in the file, so the file's
// size does not bound it, but the loader allocates all of it.
const maxSection = 128 << 20

// maxZeroes is the most that all of them may have together, in bytes.
const maxZeroes = 2 * maxSection

// File is a parsed object.
type File struct {
	Spec      *ebpf.CollectionSpec
	Machine   elf.Machine
	ByteOrder binary.ByteOrder
	// Platform is what it is for, "linux" or "windows". The numbers of its specification are those of that platform.
	Platform string
	// License and KernelVersion are what the object declares, or "" and 0.
	License       string
	KernelVersion uint32
	// Code is its functions as they stand there; nil for Windows.
	Code *code.Object
	// Externs are what it takes from the kernel, by name.
	Externs map[string]mend.Extern
	// Notes are what was changed that libbpf would refuse, by the name of the map that it concerns.
	Notes map[string][]string
	// Broken are programs that cannot be read, with the reason. Their instructions are not the object's.
	Broken map[string]string
	// ArenaData is what its arena holds at the start.
	ArenaData []byte
}

// Parse reads an object. The error is one line that says what is wrong with the file.
func Parse(data []byte) (file *File, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			file, err = nil, fmt.Errorf("not a valid ELF object: %v", cause)
		}
		if err != nil {
			err = errors.New(OneLine(err.Error()))
		}
	}()
	if len(data) == 0 {
		return nil, errors.New("the file is empty")
	}
	if !bytes.HasPrefix(data, []byte(elf.ELFMAG)) {
		return nil, errors.New("not an ELF file")
	}
	parsed, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil, describe(err)
	}
	defer parsed.Close()
	if parsed.Machine != elf.EM_BPF && parsed.Machine != elf.EM_NONE {
		return nil, fmt.Errorf("an ELF file for %s, not for BPF", machineName(parsed.Machine))
	}
	if err := checkSizes(parsed, len(data)); err != nil {
		return nil, err
	}
	file = &File{Machine: parsed.Machine, ByteOrder: parsed.ByteOrder, Platform: platformOf(parsed)}
	if file.Platform == names.Windows {
		file.Spec, err = readForWindows(parsed, data)
	} else {
		err = file.readForLinux(parsed, data)
	}
	if err != nil {
		return nil, describe(err)
	}
	hideFunctions(parsed, file.Spec)
	file.declare(parsed)
	return file, nil
}

// readForLinux reads a specification with what cilium/ebpf does not know.
func (f *File) readForLinux(parsed *elf.File, data []byte) (err error) {
	mended := mend.Read(parsed, data)
	if f.Spec, err = mended.Load(); err != nil {
		return err
	}
	err = mended.Amend(f.Spec)
	f.Code, f.Broken, f.ArenaData = mended.Code, mended.Broken, mended.ArenaData
	f.Externs, f.Notes = mended.Externs, mended.Notes
	return err
}

// OneLine joins the lines of a text, so that it fits into a message of one line.
func OneLine(text string) string {
	return strings.Join(strings.Fields(text), " ")
}

// checkSizes refuses what would make a parser allocate more than the file can hold: compressed sections, and sections
// of zeroes beyond maxSection.
func checkSizes(file *elf.File, size int) error {
	var zeroes uint64
	for _, section := range file.Sections {
		if section.Type == elf.SHT_NOBITS {
			zeroes += min(section.Size, maxSection+1)
		}
		if section.Flags&elf.SHF_COMPRESSED != 0 && section.Size > maxSection {
			return fmt.Errorf("section %q is compressed and says that it holds %d bytes", section.Name, section.Size)
		}
		if section.Type == elf.SHT_NOBITS && section.Size > maxSection {
			return fmt.Errorf("section %q has %d bytes of zeroes, more than %d", section.Name, section.Size, maxSection)
		}
		if zeroes > maxZeroes {
			return fmt.Errorf("its sections have more than %d bytes of zeroes", maxZeroes)
		}
		if section.Type != elf.SHT_NOBITS && section.Type != elf.SHT_NULL && section.FileSize > uint64(size) {
			return fmt.Errorf("section %q is larger than the file, which seems to be truncated", section.Name)
		}
	}
	return nil
}

func describe(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("the file is truncated: %w", err)
	}
	return err
}

func machineName(machine elf.Machine) string {
	return strings.ToLower(strings.TrimPrefix(machine.String(), "EM_"))
}

// declare reads the license and the version, which the specification has only by program.
func (f *File) declare(parsed *elf.File) {
	for _, section := range parsed.Sections {
		switch section.Name {
		case "license":
			if text, err := section.Data(); err == nil {
				f.License = string(bytes.TrimRight(text, "\x00"))
			}
		case "version":
			if number, err := section.Data(); err == nil && len(number) >= 4 {
				f.KernelVersion = parsed.ByteOrder.Uint32(number)
			}
		}
	}
}
