package player

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cilium/ebpf"

	"crossbpf/agent/loader"
	"crossbpf/agent/names"
	"crossbpf/agent/protocol"
)

// isSection tells a map that is a section of variables: it has one value and, to a scenario, no key.
func isSection(name string) bool { return strings.HasPrefix(name, ".") }

// isKeyless tells the types of maps that take no key.
func isKeyless(kind ebpf.MapType) bool {
	switch names.MapType(kind) {
	case "queue", "stack", "bloom_filter":
		return true
	}
	return false
}

func isPerCPU(kind ebpf.MapType) bool {
	switch names.MapType(kind) {
	case "percpu_hash", "percpu_array", "lru_percpu_hash", "percpu_cgroup_storage":
		return true
	}
	return false
}

// foreign says what the keys or values of a map type are where they are nothing that a scenario can write down.
func foreign(kind ebpf.MapType) string {
	switch names.MapType(kind) {
	case "prog_array":
		return "programs"
	case "array_of_maps", "hash_of_maps":
		return "maps"
	case "perf_event_array":
		return "perf events"
	case "cgroup_array":
		return "cgroups"
	case "sockmap", "sockhash", "reuseport_sockarray", "xskmap":
		return "sockets"
	case "sk_storage":
		return "what belongs to a socket"
	case "inode_storage":
		return "what belongs to a file"
	case "task_storage":
		return "what belongs to a task"
	case "cgroup_storage", "percpu_cgroup_storage", "cgrp_storage":
		return "what belongs to a cgroup"
	case "struct_ops":
		return "operations of the kernel"
	}
	return ""
}

// entryMap finds the map of a step that names an entry of it.
func (s *scene) entryMap(step protocol.Step) (*ebpf.Map, error) {
	m, err := s.findMap(step.Map)
	if err != nil {
		return nil, err
	}
	if held := foreign(m.Type()); held != "" {
		return nil, fmt.Errorf("%s of type %s holds %s, which steps cannot name", step.Map, names.MapType(m.Type()), held)
	}
	return m, nil
}

// keyFor checks a step's key. Cilium/ebpf takes an untyped nil for none.
func keyFor(step protocol.Step, m *ebpf.Map) (any, error) {
	switch {
	case isSection(step.Map) && step.Key == nil:
		return uint32(0), nil
	case isKeyless(m.Type()) && len(step.Key) == 0:
		return nil, nil
	case isKeyless(m.Type()):
		return nil, fmt.Errorf("%s of type %s takes no key", step.Map, names.MapType(m.Type()))
	case len(step.Key) != int(m.KeySize()):
		return nil, fmt.Errorf("the key has %d bytes, but keys of %s have %d", len(step.Key), step.Map, m.KeySize())
	}
	return []byte(step.Key), nil
}

// lookup reads one entry, and takes it away for a lookup-delete.
func (s *scene) lookup(step protocol.Step) (protocol.Entry, error) {
	entry := protocol.Entry{}
	if step.Key != nil {
		entry.Key = &step.Key
	}
	m, err := s.entryMap(step)
	if err != nil {
		return entry, err
	}
	if names.MapType(m.Type()) == "bloom_filter" {
		return entry, fmt.Errorf("%s is a bloom filter, which only programs can ask", step.Map)
	}
	key, err := keyFor(step, m)
	if err != nil {
		return entry, err
	}
	get := m.Lookup
	if step.Kind == protocol.StepLookupDelete {
		get = m.LookupAndDelete
	}
	entry.Values, err = readValues(m, key, get)
	return entry, described("look up", step.Map, err)
}

// readValues gets a value, or the values by processor.
func readValues(m *ebpf.Map, key any, get func(key, valueOut any) error) ([]protocol.Bytes, error) {
	if !isPerCPU(m.Type()) {
		var value []byte
		if err := get(key, &value); err != nil {
			return nil, err
		}
		return []protocol.Bytes{value}, nil
	}
	var all [][]byte
	if err := get(key, &all); err != nil {
		return nil, err
	}
	values := make([]protocol.Bytes, len(all))
	for i, value := range all {
		values[i] = value
	}
	return values, nil
}

func (s *scene) update(step protocol.Step) error {
	m, err := s.entryMap(step)
	if err != nil {
		return err
	}
	key, err := keyFor(step, m)
	if err != nil {
		return err
	}
	for _, value := range step.Values {
		if len(value) != int(m.ValueSize()) {
			return fmt.Errorf("the value has %d bytes, but values of %s have %d", len(value), step.Map, m.ValueSize())
		}
	}
	value, err := valueFor(step, m)
	if err != nil {
		return err
	}
	return described("update", step.Map, m.Update(key, value, ebpf.MapUpdateFlags(step.Flags)))
}

// valueFor returns the one value, or those for each processor.
func valueFor(step protocol.Step, m *ebpf.Map) (any, error) {
	wanted := 1
	if isPerCPU(m.Type()) {
		processors, err := ebpf.PossibleCPU()
		if err != nil {
			return nil, err
		}
		wanted = processors
	}
	if len(step.Values) != wanted && len(step.Values) != 1 {
		return nil, fmt.Errorf("there are %d values, but %s takes %d", len(step.Values), step.Map, wanted)
	}
	if !isPerCPU(m.Type()) {
		return []byte(step.Values[0]), nil
	}
	values := make([][]byte, wanted)
	for i := range values {
		values[i] = step.Values[i%len(step.Values)]
	}
	return values, nil
}

func (s *scene) delete(step protocol.Step) error {
	m, err := s.entryMap(step)
	if err != nil {
		return err
	}
	key, err := keyFor(step, m)
	if err != nil {
		return err
	}
	return described("delete from", step.Map, m.Delete(key))
}

// meanings are what errors of maps mean, in words.
var meanings = map[string]string{
	"E2BIG":  "the map is full",
	"EEXIST": "there is such an entry",
	"ENOENT": "there is no such entry",
}

// described says what an error of a map means.
func described(act, name string, err error) error {
	if err == nil {
		return nil
	}
	if errno := loader.ErrnoName(err); errno != nil && meanings[*errno] != "" {
		return fmt.Errorf("%s %s: %s: %w", act, name, meanings[*errno], rootOf(err))
	}
	return fmt.Errorf("%s %s: %w", act, name, err)
}

// rootOf is the system's own error in a chain.
func rootOf(err error) error {
	for {
		wrapped := errors.Unwrap(err)
		if wrapped == nil {
			return err
		}
		err = wrapped
	}
}
