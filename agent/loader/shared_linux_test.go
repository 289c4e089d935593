package loader

import (
	"maps"
	"slices"
	"testing"

	"github.com/cilium/ebpf"
)

func TestMapsThatProgramsShare(t *testing.T) {
	object := &ebpf.CollectionSpec{Maps: map[string]*ebpf.MapSpec{
		"counts":  {Name: "counts", Type: ebpf.Hash, KeySize: 4, ValueSize: 8, MaxEntries: 100},
		"events":  {Name: "events", Type: ebpf.RingBuf, MaxEntries: 4096},
		"large":   {Name: "large", Type: ebpf.Array, KeySize: 4, ValueSize: 8, MaxEntries: 1 << 25},
		"calls":   {Name: "calls", Type: ebpf.ProgramArray, KeySize: 4, ValueSize: 4, MaxEntries: 2},
		"devices": {Name: "devices", Type: ebpf.DevMap, KeySize: 4, ValueSize: 8, MaxEntries: 2},
		"inner":   {Name: "inner", Type: ebpf.Array, KeySize: 4, ValueSize: 4, MaxEntries: 1},
		"outer": {Name: "outer", Type: ebpf.ArrayOfMaps, KeySize: 4, ValueSize: 4, MaxEntries: 1,
			Contents: []ebpf.MapKV{{Key: uint32(0), Value: "inner"}}},
	}}
	shared := (&Loader{shareable: shareableBytes()}).newSharedMaps(object, mapNotes{})
	var names []string
	for _, name := range slices.Sorted(maps.Keys(object.Maps)) {
		if shared.canShare(object.Maps[name]) {
			names = append(names, name)
		}
	}
	if want := []string{"counts", "events"}; !slices.Equal(names, want) {
		t.Errorf("shared: %q, want %q", names, want)
	}
	shared.kept["counts"] = new(ebpf.Map)
	rest := shared.missing(object)
	if rest.Maps["counts"] != nil || len(rest.Maps) != len(object.Maps)-1 || len(object.Maps) != 7 {
		t.Errorf("missing: %d of %d", len(rest.Maps), len(object.Maps))
	}
}
