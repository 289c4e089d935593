package loader

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"crossbpf/agent/protocol"
)

// shrinkable are types of maps whose size the verifier does not ask for, and that are of use with less room.
var shrinkable = []ebpf.MapType{
	ebpf.Hash, ebpf.PerCPUHash, ebpf.LRUHash, ebpf.LRUCPUHash, ebpf.LPMTrie, ebpf.HashOfMaps, ebpf.Queue, ebpf.Stack,
	ebpf.SockHash, ebpf.DevMapHash, ebpf.BloomFilter, ebpf.StackTrace,
}

// createSparingly makes a program's maps where memory did not suffice: without those that are kept for others, and then
// with less room. None are kept from then on.
func (s *sharedMaps) createSparingly(spec *ebpf.CollectionSpec) (*ebpf.Collection, error) {
	s.Close()
	s.bytes = 0
	time.Sleep(freeing)
	own, err := createMaps(spec, s.types, s.notes)
	declared := make(map[string]uint32)
	for errors.Is(err, unix.ENOMEM) {
		m := largestOf(spec, err)
		if m == nil {
			return nil, err
		}
		if declared[m.Name] == 0 {
			declared[m.Name] = m.MaxEntries
		}
		m.MaxEntries = max(1, m.MaxEntries/4)
		own, err = createMaps(spec, s.types, s.notes)
	}
	for name, entries := range declared {
		s.notes.add(name, "it was made smaller, %d instead of %d entries, as memory did not suffice", spec.Maps[name].MaxEntries, entries)
	}
	return own, err
}

// largestOf picks the map that is to be made smaller: the one that failed, or else the largest.
func largestOf(spec *ebpf.CollectionSpec, err error) *ebpf.MapSpec {
	var failed *mapError
	errors.As(err, &failed)
	var largest *ebpf.MapSpec
	for _, m := range spec.Maps {
		if !slices.Contains(shrinkable, m.Type) || m.MaxEntries <= 1 {
			continue
		}
		if failed != nil && m.Name == failed.name {
			return m
		}
		if largest == nil || sizeOf(m) > sizeOf(largest) {
			largest = m
		}
	}
	return largest
}

// starvation is what there was no memory for.
type starvation struct {
	// program is what needs it, in words.
	program string
	// what is a map with its size, or "" for the program itself.
	what string
	// bytes are roughly what all maps of the program take.
	bytes uint64
}

// starved tells that memory did not suffice, which is no answer on a program.
func (a *attempt) starved(err error) *starvation {
	var lack *starvation
	switch {
	case !a.asked:
		lack = lackOf(a.spec, err)
	case a.result.errno == unix.ENOMEM && a.result.isSilent():
		lack = &starvation{}
		lack.count(a.spec, "")
	}
	if lack != nil {
		lack.program = "program " + a.program.Name
	}
	return lack
}

// lackOf is what there was no memory for when maps were made; nil for another error, or none.
func lackOf(spec *ebpf.CollectionSpec, err error) *starvation {
	var failed *mapError
	if !errors.As(err, &failed) || !errors.Is(err, unix.ENOMEM) {
		return nil
	}
	lack := &starvation{program: "the scenario"}
	lack.count(spec, failed.name)
	return lack
}

// count adds up what maps take, and describes the one that failed.
func (s *starvation) count(spec *ebpf.CollectionSpec, failed string) {
	for _, m := range spec.Maps {
		s.bytes += sizeOf(m)
		if m.Name == failed {
			s.what = fmt.Sprintf("map %s (%s) of ", m.Name, megabytes(sizeOf(m)))
		}
	}
}

// outOfMemory is the error of a request of which some programs have no answer.
func outOfMemory(all []starvation) error {
	const some = 3
	var names []string
	var most uint64
	for _, one := range all {
		names = append(names, one.what+one.program)
		most = max(most, one.bytes)
	}
	words := strings.Join(names[:min(some, len(names))], ", ")
	if len(names) > some {
		words += fmt.Sprintf(", %d more", len(names)-some)
	}
	return &protocol.Error{
		Code:    protocol.NotReady,
		Message: fmt.Sprintf("out of memory: %s, where there are %s in all%s", words, megabytes(totalMemory()), advice(most)),
	}
}

// advice says what to do where some bytes of maps found no room: with them, the kernel and the agent need some.
func advice(bytes uint64) string {
	needed := (bytes/mebibyte*5/4 + 384 + 511) / 512 * 512
	if needed > mostOfGuests {
		return "; no guest has that much"
	}
	return fmt.Sprintf("; a guest gets more by memory: %d in the configuration", needed)
}

// mostOfGuests is how much memory a guest may sensibly have, in MiB.
const mostOfGuests = 64 << 10

const mebibyte = 1 << 20

func megabytes(bytes uint64) string { return fmt.Sprintf("%d MiB", (bytes+mebibyte-1)/mebibyte) }

// totalMemory is this machine's, in bytes.
func totalMemory() uint64 {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return 0
	}
	return uint64(info.Totalram) * uint64(info.Unit)
}
