package loader

import (
	"maps"
	"slices"
	"testing"

	"github.com/cilium/ebpf"

	"crossbpf/agent/clangtest"
	"crossbpf/agent/object"
)

const mapsSource = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32);
	__uint(pinning, LIBBPF_PIN_BY_NAME); } pinned SEC(".maps");
struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } one SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 2); __type(key, __u32);
	__array(values, struct inner); } outer SEC(".maps") = { .values = { &one } };
int tailed(void *ctx);
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 2); __type(key, __u32);
	__array(values, int(void *)); } programs SEC(".maps") = { .values = { [1] = (void *)&tailed } };
const volatile int limit = 3;
SEC("socket") int tailed(void *ctx) { return 0; }
SEC("socket") int tailing(void *ctx) { bpf_tail_call(ctx, &programs, 1); return 0; }
SEC("socket") int nested(void *ctx) { __u32 k = 0; return !!bpf_map_lookup_elem(&outer, &k); }
SEC("xdp") int plain(void *ctx) { __u32 k = limit; return !!bpf_map_lookup_elem(&pinned, &k); }
char _license[] SEC("license") = "GPL";
`

func parse(t *testing.T, source string) *ebpf.CollectionSpec {
	t.Helper()
	file, err := object.Parse(clangtest.Compile(t, source))
	if err != nil {
		t.Fatal(err)
	}
	return file.Spec
}

func TestSeparate(t *testing.T) {
	spec := parse(t, mapsSource)
	for program, want := range map[string][]string{
		"tailed":  nil,
		"tailing": {"programs"},
		"nested":  {"one", "outer"},
		"plain":   {".rodata", "pinned"},
	} {
		one := separate(spec, program)
		if got := slices.Sorted(maps.Keys(one.Maps)); !slices.Equal(got, want) {
			t.Errorf("%s has the maps %v", program, got)
		}
		if len(one.Programs) != 1 || one.Programs[program] == nil {
			t.Errorf("%s is not alone: %v", program, one.Programs)
		}
	}
	if pinning := separate(spec, "plain").Maps["pinned"].Pinning; pinning != ebpf.PinNone {
		t.Error("a map would be pinned")
	}
	if spec.Maps["pinned"].Pinning != ebpf.PinByName {
		t.Error("the object itself was changed")
	}
	if contents := separate(spec, "tailing").Maps["programs"].Contents; contents != nil {
		t.Errorf("another program would be loaded: %v", contents)
	}
	if contents := separate(spec, "nested").Maps["outer"].Contents; len(contents) != 1 {
		t.Errorf("the outer map lost its contents: %v", contents)
	}
}

func TestMapsComeBehindThoseThatTheyHold(t *testing.T) {
	spec := parse(t, mapsSource)
	if order := neededMaps(spec, spec.Programs["nested"]); !slices.Equal(order, []string{"one", "outer"}) {
		t.Error(order)
	}
}

func TestProgramOrder(t *testing.T) {
	spec := parse(t, mapsSource)
	if order := programOrder(spec, nil); !slices.Equal(order, []string{"nested", "plain", "tailed", "tailing"}) {
		t.Error(order)
	}
	if order := programOrder(spec, []string{"tailing", "plain"}); !slices.Equal(order, []string{"tailing", "plain"}) {
		t.Error(order)
	}
	if order := programOrder(spec, []string{}); len(order) != 0 {
		t.Error(order)
	}
}
