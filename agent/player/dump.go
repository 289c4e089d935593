package player

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/cilium/ebpf"

	"crossbpf/agent/names"
	"crossbpf/agent/protocol"
)

// largestDump bounds a dump, whatever a request says, as it must fit into a message: in bytes.
const largestDump = 4 << 20

// dump reads all of a map.
func (s *scene) dump(name string, deadline time.Time) ([]protocol.Entry, error) {
	m, err := s.findMap(name)
	if err != nil {
		return nil, err
	}
	if reason := undumpable(m.Type()); reason != "" {
		return nil, fmt.Errorf("%s of type %s cannot be read: %s", name, names.MapType(m.Type()), reason)
	}
	if isSection(name) {
		values, err := readValues(m, uint32(0), m.Lookup)
		if err != nil {
			return nil, described("read", name, err)
		}
		return []protocol.Entry{{Values: values}}, nil
	}
	d := dumper{
		m: m, name: name, deadline: deadline, timeout: s.timeout,
		entries: s.request.DumpEntries, bytes: min(s.request.DumpBytes, largestDump),
	}
	return d.read()
}

// undumpable says why a type of map cannot be read without changing it, or without names for what it holds.
func undumpable(kind ebpf.MapType) string {
	switch names.MapType(kind) {
	case "queue", "stack":
		return "its values are there only to be popped"
	case "bloom_filter":
		return "it does not know its values"
	case "ringbuf", "user_ringbuf":
		return "its records are there only to be received"
	case "arena":
		return "it is memory, without entries"
	}
	if held := foreign(kind); held != "" {
		return "it holds " + held
	}
	return ""
}

// dumper reads a map entry by entry.
type dumper struct {
	m        *ebpf.Map
	name     string
	deadline time.Time
	timeout  time.Duration
	// entries and bytes are the most that may be read.
	entries, bytes int

	found []protocol.Entry
	size  int
}

func (d *dumper) read() ([]protocol.Entry, error) {
	if isArray(d.m.Type()) {
		return d.readArray()
	}
	return d.readKeys()
}

func isArray(kind ebpf.MapType) bool {
	switch names.MapType(kind) {
	case "array", "percpu_array", "devmap", "cpumap":
		return true
	}
	return false
}

// readArray reads by index. A map of devices has gaps.
func (d *dumper) readArray() ([]protocol.Entry, error) {
	if int64(d.m.MaxEntries()) > int64(d.entries) {
		return nil, fmt.Errorf("%s has %d entries, more than the %d that are read of a map", d.name, d.m.MaxEntries(), d.entries)
	}
	for index := range d.m.MaxEntries() {
		if err := d.add(binary.NativeEndian.AppendUint32(nil, index)); err != nil {
			return nil, err
		}
	}
	return d.found, nil
}

// readKeys asks for one key behind the other. When a program takes one away meanwhile, the kernel begins anew, so a key
// may come twice.
func (d *dumper) readKeys() ([]protocol.Entry, error) {
	key, err := d.m.NextKeyBytes(nil)
	for key != nil && err == nil {
		if err := d.add(key); err != nil {
			return nil, err
		}
		key, err = d.m.NextKeyBytes(key)
	}
	if err != nil {
		return nil, described("list the keys of", d.name, err)
	}
	slices.SortStableFunc(d.found, func(a, b protocol.Entry) int { return bytes.Compare(*a.Key, *b.Key) })
	return slices.CompactFunc(d.found, func(a, b protocol.Entry) bool { return bytes.Equal(*a.Key, *b.Key) }), nil
}

// add reads the entry of a key, which may be gone.
func (d *dumper) add(key []byte) error {
	if time.Now().After(d.deadline) {
		return fmt.Errorf("%s could not be read in the %s that a step may take", d.name, d.timeout)
	}
	values, err := readValues(d.m, key, d.m.Lookup)
	if errors.Is(err, ebpf.ErrKeyNotExist) {
		return nil
	}
	if err != nil {
		return described("read", d.name, err)
	}
	if len(d.found) >= d.entries {
		return fmt.Errorf("%s has more than the %d entries that are read of a map", d.name, d.entries)
	}
	d.size += len(key)
	for _, value := range values {
		d.size += len(value)
	}
	if d.size > d.bytes {
		return fmt.Errorf("%s has more than the %d bytes that are read of a map", d.name, d.bytes)
	}
	bytes := protocol.Bytes(key)
	d.found = append(d.found, protocol.Entry{Key: &bytes, Values: values})
	return nil
}
