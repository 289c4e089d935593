package loader

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"crossbpf/agent/object"
)

// LoadTogether loads programs of an object with maps that they share, as an application would. The error is a
// *protocol.Error where the selection asks for what the object has not, and where memory does not suffice; any other is
// what the loader says.
func (l *Loader) LoadTogether(file *object.File, selection Selection) (*ebpf.Collection, error) {
	l.closeDone()
	for _, name := range selection.Programs {
		if said := file.Broken[name]; said != "" {
			return nil, fmt.Errorf("program %s: the loader cannot read it: %s", name, said)
		}
	}
	linker, notes := l.newLinker(file), complete(file)
	all, err := together(file.Spec, selection)
	if err != nil {
		return nil, err
	}
	if err := linker.linkAll(all.Programs); err != nil {
		return nil, err
	}
	withoutOperations(all.Maps)
	plain := *all
	plain.Programs, plain.Maps = nil, plainMaps(all.Maps)
	created, err := createMaps(&plain, l.types, notes)
	if errors.Is(err, unix.ENOMEM) {
		time.Sleep(freeing) // for what was closed
		created, err = createMaps(&plain, l.types, notes)
	}
	if lack := lackOf(&plain, err); lack != nil {
		return nil, outOfMemory([]starvation{*lack})
	}
	if err != nil {
		return nil, err
	}
	defer created.Close()
	mapped, err := mapArenas(plain.Maps, created.Maps, file.ArenaData)
	if err != nil {
		return nil, err
	}
	l.later(mapped)
	for name, m := range plain.Maps {
		all.Maps[name].MaxEntries = m.MaxEntries
	}
	options, handing := ebpf.CollectionOptions{Cache: l.types, MapReplacements: created.Maps}, l.newHandover(file)
	only := *all
	only.Maps = withPrograms(all.Maps)
	collection, err := l.loadAll(&only, options, handing)
	if refusedTypes(err) != "" {
		for name, program := range only.Programs {
			only.Programs[name] = withoutTypes(program)
		}
		collection, err = l.loadAll(&only, options, handing)
	}
	if err != nil {
		return nil, withLastWords(err)
	}
	return collection, nil
}

// withLastWords says what the verifier said of a program, which the library takes the statistics for.
func withLastWords(err error) error {
	var refused *ebpf.VerifierError
	if !errors.As(err, &refused) || len(refused.Log) == 0 {
		return err
	}
	said := bytes.TrimSpace(errorWords([]byte(strings.Join(refused.Log, "\n"))))
	if len(said) == 0 {
		return err
	}
	said = said[bytes.LastIndexByte(said, '\n')+1:]
	before, _, _ := strings.Cut(err.Error(), ": load program: ")
	return fmt.Errorf("%s: load program: %w: %s", before, refused.Cause, said)
}

// plainMaps are the maps that can be made and filled before there are programs.
func plainMaps(specs map[string]*ebpf.MapSpec) map[string]*ebpf.MapSpec {
	plain := make(map[string]*ebpf.MapSpec, len(specs))
	for name, spec := range specs {
		switch spec.Type {
		case ebpf.StructOpsMap:
		case ebpf.ProgramArray:
			empty := spec.Copy()
			empty.Contents = nil
			plain[name] = empty
		default:
			plain[name] = spec
		}
	}
	return plain
}

// withPrograms leaves contents to those maps alone that hold programs, as all others are filled.
func withPrograms(specs map[string]*ebpf.MapSpec) map[string]*ebpf.MapSpec {
	rest := withoutContents(specs)
	for name, spec := range specs {
		if spec.Type == ebpf.StructOpsMap || spec.Type == ebpf.ProgramArray {
			rest[name].Contents = spec.Contents
		}
	}
	return rest
}

// ErrnoName returns the name of the system's error in a chain, E2BIG, or nil where there is none.
func ErrnoName(err error) *string { return errnoName(err) }
