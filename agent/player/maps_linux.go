package player

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"crossbpf/agent/names"
	"crossbpf/agent/protocol"
)

// isSection tells a map that is a section of variables: it has one value and, to a scenario, no key.
func isSection(name string) bool { return strings.HasPrefix(name, ".") }

// isKeyless tells the types of maps that take no key.
func isKeyless(kind ebpf.MapType) bool {
	return kind == ebpf.Queue || kind == ebpf.Stack || kind == ebpf.BloomFilter
}

func isPerCPU(kind ebpf.MapType) bool {
	return kind == ebpf.PerCPUHash || kind == ebpf.PerCPUArray || kind == ebpf.LRUCPUHash || kind == ebpf.PerCPUCGroupStorage
}

// foreign says what the keys or values of a map type are where they are nothing that a scenario can write down.
func foreign(kind ebpf.MapType) string {
	switch kind {
	case ebpf.ProgramArray:
		return "programs"
	case ebpf.ArrayOfMaps, ebpf.HashOfMaps:
		return "maps"
	case ebpf.PerfEventArray:
		return "perf events"
	case ebpf.CGroupArray:
		return "cgroups"
	case ebpf.SockMap, ebpf.SockHash, ebpf.ReusePortSockArray, ebpf.XSKMap:
		return "sockets"
	case ebpf.SkStorage:
		return "what belongs to a socket"
	case ebpf.InodeStorage:
		return "what belongs to a file"
	case ebpf.TaskStorage:
		return "what belongs to a task"
	case ebpf.CGroupStorage, ebpf.PerCPUCGroupStorage, ebpf.CgroupStorage:
		return "what belongs to a cgroup"
	case ebpf.StructOpsMap:
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
	if m.Type() == ebpf.BloomFilter {
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

// described says what an error of a map means.
func described(act, name string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, unix.E2BIG):
		return fmt.Errorf("%s %s: the map is full: %w", act, name, unix.E2BIG)
	case errors.Is(err, unix.EEXIST):
		return fmt.Errorf("%s %s: there is such an entry: %w", act, name, unix.EEXIST)
	case errors.Is(err, unix.ENOENT):
		return fmt.Errorf("%s %s: there is no such entry: %w", act, name, unix.ENOENT)
	}
	return fmt.Errorf("%s %s: %w", act, name, err)
}
