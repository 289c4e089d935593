package loader

import (
	"errors"
	"slices"
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"golang.org/x/sys/unix"
)

// mostShared is how many bytes are kept at most, and at most a quarter of the machine's: a program that could be loaded by
// itself must not miss the memory of others' maps.
const mostShared = 256 << 20

// freeing is how long the kernel is given to free the memory of maps that were closed, which it does by the way.
const freeing = 300 * time.Millisecond

// shareable are the types of maps that a program which is only loaded leaves as they were. Those that can hold programs
// are not among them: such a map takes no program of another kind any more (bpf_prog_map_compatible in kernel/bpf/core.c).
var shareable = []ebpf.MapType{
	ebpf.Array, ebpf.Hash, ebpf.PerCPUArray, ebpf.PerCPUHash, ebpf.LRUHash, ebpf.LRUCPUHash, ebpf.LPMTrie,
	ebpf.PerfEventArray, ebpf.RingBuf, ebpf.Queue, ebpf.Stack, ebpf.BloomFilter, ebpf.StackTrace,
}

// sharedMaps are the maps of an object that its programs, which are loaded one after the other, use in turns: making and
// filling them anew for each takes longer than most programs.
type sharedMaps struct {
	types *btf.Cache
	// held are maps within maps, which are made together with those.
	held []string
	kept map[string]*ebpf.Map
	// notes are what was done about maps.
	notes mapNotes
	// bytes is what may still be kept.
	bytes uint64
}

func (l *Loader) newSharedMaps(object *ebpf.CollectionSpec, notes mapNotes) *sharedMaps {
	s := &sharedMaps{types: l.types, notes: notes, kept: make(map[string]*ebpf.Map), bytes: l.shareable}
	for _, m := range object.Maps {
		s.held = append(s.held, heldMaps(m)...)
	}
	return s
}

// Close closes the maps that are kept.
func (s *sharedMaps) Close() {
	for name, m := range s.kept {
		m.Close()
		delete(s.kept, name)
	}
}

func shareableBytes() uint64 {
	return min(totalMemory()/4, mostShared)
}

// create gives the maps of a program's collection, and those of them that are for it alone. Its error is that of
// createMaps.
func (s *sharedMaps) create(spec *ebpf.CollectionSpec) (all map[string]*ebpf.Map, own *ebpf.Collection, err error) {
	own, err = createMaps(s.missing(spec), s.types, s.notes)
	if errors.Is(err, unix.ENOMEM) {
		own, err = s.createSparingly(spec)
	}
	if err != nil {
		return nil, nil, err
	}
	all = make(map[string]*ebpf.Map, len(spec.Maps))
	for name, m := range spec.Maps {
		if kept := s.kept[name]; kept != nil {
			m.MaxEntries = kept.MaxEntries()
			all[name] = kept
			continue
		}
		all[name] = own.Maps[name]
		if s.canShare(m) {
			s.kept[name] = own.DetachMap(name)
			s.bytes -= sizeOf(m)
		}
	}
	return all, own, nil
}

// missing is the collection without the maps that are kept.
func (s *sharedMaps) missing(spec *ebpf.CollectionSpec) *ebpf.CollectionSpec {
	rest := *spec
	rest.Maps = make(map[string]*ebpf.MapSpec, len(spec.Maps))
	for name, m := range spec.Maps {
		if s.kept[name] == nil {
			rest.Maps[name] = m
		}
	}
	return &rest
}

func (s *sharedMaps) canShare(m *ebpf.MapSpec) bool {
	return slices.Contains(shareable, m.Type) && !slices.Contains(s.held, m.Name) && sizeOf(m) <= s.bytes
}

// sizeOf is roughly what a map takes, in bytes. An entry has some of its own besides key and value.
func sizeOf(m *ebpf.MapSpec) uint64 {
	const entry = 64
	return uint64(m.MaxEntries) * (uint64(m.KeySize) + uint64(m.ValueSize) + entry)
}
