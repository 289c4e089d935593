package loader

import (
	"bytes"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"crossbpf/agent/clangtest"
	"crossbpf/agent/object"
	"crossbpf/agent/protocol"
)

const sharingSource = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __uint(pinning, LIBBPF_PIN_BY_NAME);
	__type(key, __u32); __type(value, __u64); } shared SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } seeded SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } unused SEC(".maps");
int first(void *ctx);
int second(void *ctx);
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 2); __uint(key_size, 4); __array(values, int(void *)); }
	calls SEC(".maps") = { .values = { [0] = &first, [1] = &second } };
int started = 5, stopped = 6;
int total;
SEC("socket") int first(void *ctx) { __u32 key = 0; total += started; return bpf_map_delete_elem(&shared, &key); }
SEC("socket") int second(void *ctx) { bpf_tail_call(ctx, &calls, 0); return stopped; }
SEC("socket") int third(void *ctx) { __u32 key = 0; return bpf_map_delete_elem(&shared, &key); }
char _license[] SEC("license") = "GPL";
`

func sharing(t *testing.T) *ebpf.CollectionSpec {
	t.Helper()
	file, err := object.Parse(clangtest.Compile(t, sharingSource))
	if err != nil {
		t.Fatal(err)
	}
	return file.Spec
}

func TestWhatIsLoadedTogether(t *testing.T) {
	spec := sharing(t)
	got, err := together(spec, Selection{Programs: []string{"second", "third"}, Maps: []string{"seeded"}})
	if err != nil {
		t.Fatal(err)
	}
	if names := slices.Sorted(maps.Keys(got.Programs)); !slices.Equal(names, []string{"second", "third"}) {
		t.Errorf("programs %v", names)
	}
	if names := slices.Sorted(maps.Keys(got.Maps)); !slices.Equal(names, []string{".data", "calls", "seeded", "shared"}) {
		t.Errorf("maps %v", names)
	}
	if pinning := got.Maps["shared"].Pinning; pinning != ebpf.PinNone {
		t.Errorf("pinned: %v", pinning)
	}
	if held := got.Maps["calls"].Contents; len(held) != 1 || held[0].Value != "second" {
		t.Errorf("the program array holds %v", held)
	}
	if len(spec.Maps["calls"].Contents) != 2 || spec.Maps["shared"].Pinning == ebpf.PinNone {
		t.Error("the object was changed")
	}
}

func TestVariablesAreSet(t *testing.T) {
	spec := sharing(t)
	got, err := together(spec, Selection{Programs: []string{"first"}, Variables: []protocol.Variable{
		{Section: ".data", Offset: 4, Bytes: []byte{9}},
		{Section: ".bss", Offset: 0, Bytes: []byte{7, 0, 0, 1}},
		{Section: ".rodata", Offset: 0, Bytes: []byte{1}}, // which no program uses
	}})
	if err != nil {
		t.Fatal(err)
	}
	for section, want := range map[string][]byte{".data": {5, 0, 0, 0, 9, 0, 0, 0}, ".bss": {7, 0, 0, 1}} {
		if value := got.Maps[section].Contents[0].Value; !bytes.Equal(value.([]byte), want) {
			t.Errorf("%s is %v", section, value)
		}
	}
}

func TestSelectionsThatTheObjectHasNot(t *testing.T) {
	spec := sharing(t)
	for _, c := range []struct {
		selection Selection
		want      string
	}{
		{Selection{Programs: []string{"fourth"}}, `no program "fourth"`},
		{Selection{Maps: []string{"none"}}, `no map "none"`},
		{Selection{Programs: []string{"first"}, Variables: []protocol.Variable{{Section: ".bss", Offset: 2, Bytes: make([]byte, 3)}}}, "from 2 to 5 does not lie in .bss"},
		{Selection{Programs: []string{"first"}, Variables: []protocol.Variable{{Section: ".bss", Offset: -1, Bytes: make([]byte, 1)}}}, "does not lie in .bss"},
	} {
		if _, err := together(spec, c.selection); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.selection, err)
		}
	}
}
