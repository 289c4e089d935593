package loader

import (
	"errors"
	"fmt"
	"maps"
	"math/bits"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/features"
	"golang.org/x/sys/unix"

	"crossbpf/agent/names"
	"crossbpf/agent/protocol"
)

// mapError is a map that could not be created.
type mapError struct {
	name    string
	missing string
	cause   error
}

func (e *mapError) Error() string { return e.cause.Error() }
func (e *mapError) Unwrap() error { return e.cause }

// declarationError is a map that no kernel makes, with what is wrong with it.
type declarationError struct {
	fault string
	cause error
}

func (e *declarationError) Error() string { return e.fault }
func (e *declarationError) Unwrap() error { return e.cause }

// mapNotes are what the loader did on its own about maps, by their names.
type mapNotes map[string]string

// add notes one thing more.
func (n mapNotes) add(name, format string, arguments ...any) {
	said := fmt.Sprintf(format, arguments...)
	if strings.Contains(n[name], said) {
		return
	}
	if n[name] != "" {
		said = n[name] + "; " + said
	}
	n[name] = said
}

// of lists the notes on a program's maps.
func (n mapNotes) of(spec *ebpf.CollectionSpec) (said []string) {
	for _, name := range slices.Sorted(maps.Keys(spec.Maps)) {
		if n[name] != "" {
			said = append(said, "map "+name+": "+n[name])
		}
	}
	return said
}

// createMaps creates the maps of a collection one by one, so that it is known which of them fails, and fills them.
func createMaps(spec *ebpf.CollectionSpec, types *btf.Cache, notes mapNotes) (*ebpf.Collection, error) {
	all := &ebpf.CollectionSpec{Maps: spec.Maps, Variables: spec.Variables, Types: spec.Types, ByteOrder: spec.ByteOrder}
	created, err := ebpf.NewCollectionWithOptions(all, ebpf.CollectionOptions{Cache: types})
	if err == nil {
		return created, nil
	}
	supplied := false
	for _, name := range slices.Sorted(maps.Keys(spec.Maps)) {
		m := spec.Maps[name]
		cause := tryMap(spec, m, types)
		if cause != nil && m.MaxEntries == 0 && supplyMaxEntries(spec, m, types) {
			notes.add(name, "it got room for %d, as the object leaves the size to its loader", m.MaxEntries)
			supplied = true
			continue
		}
		if cause != nil && leaveTypes(spec, m, types) {
			notes.add(name, "the types of its keys and values were left out, which the kernel refuses")
			supplied = true
			continue
		}
		if fault := faultOf(m); cause != nil && fault != "" && !errors.Is(features.HaveMapType(m.Type), ebpf.ErrNotSupported) {
			cause = &declarationError{fault, cause}
		}
		if cause != nil {
			return nil, &mapError{name: name, missing: missingForMap(spec, m, cause, types), cause: cause}
		}
	}
	if supplied {
		return createMaps(spec, types, notes)
	}
	return nil, &mapError{missing: "", cause: err}
}

// supplyMaxEntries gives a map the least size that it can have, where the object leaves the size to the program that
// loads it (often the number of CPUs), as veristat does. The verifier asks for the size of no map but an array.
func supplyMaxEntries(spec *ebpf.CollectionSpec, m *ebpf.MapSpec, types *btf.Cache) bool {
	for _, least := range []uint32{1, uint32(unix.Getpagesize())} {
		m.MaxEntries = least
		if tryMap(spec, m, types) == nil {
			return true
		}
	}
	m.MaxEntries = 0
	return false
}

// leaveTypes makes a map without the types of its keys and values, which a kernel may not take: Rust's have names that are
// none in C. libbpf does the same (bpf_object__create_map in its src/libbpf.c). Types that the kernel acts on stay.
func leaveTypes(spec *ebpf.CollectionSpec, m *ebpf.MapSpec, types *btf.Cache) bool {
	if m.Key == nil && m.Value == nil || actsOn(m.Value) {
		return false
	}
	key, value := m.Key, m.Value
	m.Key, m.Value = nil, nil
	if tryMap(spec, m, types) == nil {
		return true
	}
	m.Key, m.Value = key, value
	return false
}

// actsOn tells of types that hold what the kernel itself uses, such as a struct bpf_timer.
func actsOn(t btf.Type) bool {
	switch t := btf.UnderlyingType(t).(type) {
	case *btf.Struct:
		return strings.HasPrefix(t.Name, "bpf_") ||
			slices.ContainsFunc(t.Members, func(m btf.Member) bool { return actsOn(m.Type) })
	case *btf.Datasec:
		return slices.ContainsFunc(t.Vars, func(v btf.VarSecinfo) bool {
			variable, ok := v.Type.(*btf.Var)
			return ok && actsOn(variable.Type)
		})
	}
	return false
}

// tryMap creates one map, with the maps that it holds, and closes it again.
func tryMap(spec *ebpf.CollectionSpec, m *ebpf.MapSpec, types *btf.Cache) error {
	one := &ebpf.CollectionSpec{Maps: map[string]*ebpf.MapSpec{m.Name: m}, Types: spec.Types, ByteOrder: spec.ByteOrder}
	for _, held := range heldMaps(m) {
		if inner := spec.Maps[held]; inner != nil {
			one.Maps[held] = inner
		}
	}
	created, err := ebpf.NewCollectionWithOptions(one, ebpf.CollectionOptions{Cache: types})
	if err == nil {
		created.Close()
	}
	return err
}

// missingForMap names what a map needs that this kernel does not have.
func missingForMap(spec *ebpf.CollectionSpec, m *ebpf.MapSpec, cause error, types *btf.Cache) string {
	for _, part := range []*ebpf.MapSpec{m, m.InnerMap} {
		if part != nil && errors.Is(features.HaveMapType(part.Type), ebpf.ErrNotSupported) {
			return "map type " + names.MapType(part.Type)
		}
	}
	if errors.Is(cause, unix.ENOMEM) {
		return "" // which is no answer, see starved
	}
	if faultOf(m) != "" {
		return "" // which no kernel has
	}
	if errors.Is(cause, unix.E2BIG) && sizeOf(m) > 1<<32 {
		return fmt.Sprintf("map %s of %s, more than a kernel makes", m.Name, megabytes(sizeOf(m)))
	}
	for bit := range bits.Len32(m.Flags) {
		if m.Flags&(1<<bit) == 0 {
			continue
		}
		trial := m.Copy()
		trial.Flags &^= 1 << bit
		if tryMap(spec, trial, types) == nil {
			return "map flag " + names.MapFlag(bit)
		}
	}
	return fmt.Sprintf("map %s of type %s as declared", m.Name, names.MapType(m.Type))
}

// errnoName returns the name of the system's error in a chain, or nil where there is none.
func errnoName(err error) *string {
	var errno unix.Errno
	if !errors.As(err, &errno) || errno == 0 {
		return nil
	}
	return errnoText(errno)
}

func errnoText(errno unix.Errno) *string {
	name := unix.ErrnoName(errno)
	switch {
	case errno == unix.EOPNOTSUPP: // which Go knows by its other name
		name = "EOPNOTSUPP"
	case errno == 524: // of include/linux/errno.h, not meant to leave the kernel
		name = "ENOTSUPP"
	case name == "":
		name = fmt.Sprintf("errno %d", int(errno))
	}
	return &name
}

func isPermission(err error) bool { return errors.Is(err, unix.EPERM) }

func permissionDenied(err error) error {
	return &protocol.Error{
		Code:    protocol.NotReady,
		Message: fmt.Sprintf("not permitted to use BPF (%v)", err),
		Hint:    "It takes root, or CAP_BPF, CAP_NET_ADMIN and CAP_PERFMON; a container must be given them.",
	}
}
