// Command converter stands in for what eBPF for Windows makes native images with: PowerShell, where it is asked to run
// Convert-BpfToNative.ps1. It writes what the stand-in for ebpfapi.dll reads (../ebpfapi/native.c), not a driver. Under
// the name of msbuild.exe it is there to be found.
package main

import (
	"bytes"
	"encoding/binary"
	"errors"
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"crossbpf/agent/names"
	"crossbpf/agent/object"
)

const (
	sign = 0x4e444e53
	// numberMask leaves the platform out of a number of cilium/ebpf's.
	numberMask = 0x0fff_ffff
	entrySize  = 12
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "the stand-in's converter:", err)
		os.Exit(1)
	}
}

func run(arguments []string) error {
	flags := flag.NewFlagSet("powershell", flag.ContinueOnError)
	flags.Bool("NoProfile", false, "")
	flags.Bool("NonInteractive", false, "")
	flags.String("ExecutionPolicy", "", "")
	script := flags.String("File", "", "")
	name := flags.String("FileName", "", "")
	folder := flags.String("OutDir", "", "")
	flags.String("Platform", "", "")
	flags.String("Configuration", "", "")
	if err := flags.Parse(arguments); err != nil {
		return err
	}
	if filepath.Base(*script) != "Convert-BpfToNative.ps1" {
		return fmt.Errorf("it does not run %q", *script)
	}
	// As the script's would be, where a test writes one that does not go well.
	text, err := os.ReadFile(*script)
	if err != nil {
		return err
	}
	if words, throws := strings.CutPrefix(string(text), "throw "); throws {
		return errors.New(words)
	}
	data, err := os.ReadFile(filepath.Join(*folder, *name+".o"))
	if err != nil {
		return err
	}
	image, err := convert(data, *name)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(*folder, *name+".sys"), image, 0o600)
}

// convert writes an object's maps, programs and entries one behind the other.
func convert(data []byte, file string) ([]byte, error) {
	parsed, err := object.ParseFor(names.Windows, data)
	if err != nil {
		return nil, err
	}
	spec := parsed.Spec
	mapNames := slices.Sorted(maps.Keys(spec.Maps))
	programNames := slices.Sorted(maps.Keys(spec.Programs))
	entries, err := entryRecords(spec, mapNames, programNames)
	if err != nil {
		return nil, err
	}
	image := []byte{}
	for _, number := range []int{sign, len(mapNames), len(programNames), len(entries) / entrySize} {
		image = binary.LittleEndian.AppendUint32(image, uint32(number))
	}
	for _, name := range mapNames {
		image = append(image, mapRecord(spec.Maps[name], file)...)
	}
	for _, name := range programNames {
		record, err := programRecord(spec.Programs[name], mapNames)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
		image = append(image, record...)
	}
	return append(image, entries...), nil
}

// entryRecords are the maps and programs that maps hold from the beginning: three numbers for each.
func entryRecords(spec *ebpf.CollectionSpec, mapNames, programNames []string) ([]byte, error) {
	var records []byte
	for number, name := range mapNames {
		if name[0] == '.' {
			continue
		}
		for _, entry := range spec.Maps[name].Contents {
			key, isIndex := entry.Key.(uint32)
			value, isName := entry.Value.(string)
			at := slices.Index(mapNames, value)
			if spec.Maps[name].Type == ebpf.WindowsProgramArray {
				at = slices.Index(programNames, value)
			}
			if !isIndex || !isName || at < 0 {
				return nil, fmt.Errorf("map %s has contents of another kind: %v", name, entry)
			}
			for _, each := range []uint32{uint32(number), key, uint32(at)} {
				records = binary.LittleEndian.AppendUint32(records, each)
			}
		}
	}
	return records, nil
}

// mapRecord describes a map. One of variables has a part of the file's name before its own, as bpf2c makes them.
func mapRecord(spec *ebpf.MapSpec, file string) []byte {
	var contents []byte
	name := spec.Name
	if name[0] == '.' {
		name = file[:8] + name
		if len(spec.Contents) > 0 {
			contents, _ = spec.Contents[0].Value.([]byte)
		}
	}
	var record []byte
	kind := uint32(spec.Type) & numberMask
	for _, number := range []uint32{kind, spec.KeySize, spec.ValueSize, spec.MaxEntries, uint32(len(contents))} {
		record = binary.LittleEndian.AppendUint32(record, number)
	}
	return append(append(record, padded(name)...), contents...)
}

func programRecord(spec *ebpf.ProgramSpec, mapNames []string) ([]byte, error) {
	insns := slices.Clone(spec.Instructions)
	for i := range insns {
		if insn := &insns[i]; insn.IsLoadFromMap() {
			number := slices.Index(mapNames, insn.Reference())
			if number < 0 {
				return nil, errors.New("it refers to no map of the object")
			}
			// The upper half is where in the map's value a variable lies.
			insn.Constant = insn.Constant&^0xffff_ffff | int64(number)
		}
	}
	var code bytes.Buffer
	if err := insns.Marshal(&code, binary.LittleEndian); err != nil {
		return nil, err
	}
	record := binary.LittleEndian.AppendUint32(nil, uint32(spec.Type)&numberMask)
	record = binary.LittleEndian.AppendUint32(record, uint32(code.Len()/asm.InstructionSize))
	return append(append(record, padded(spec.Name)...), code.Bytes()...), nil
}

// padded is a name as a field of 64 bytes.
func padded(name string) []byte {
	field := make([]byte, 64)
	copy(field[:63], name)
	return field
}
