package loader

import (
	"bytes"
	"slices"
	"testing"

	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/clangtest"
)

const coreSource = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#define CORE __attribute__((preserve_access_index))
struct point { int x; int gone; } CORE;
struct inner { int a; long gone[4]; } CORE;
struct shape___ours { struct point centre; union { struct inner in; }; } CORE;
struct absent { int x; } CORE;
enum colour { RED = 1, ULTRAVIOLET = 2 };
extern void bpf_there(int a) __ksym __weak;
extern void bpf_not_there(int a) __ksym __weak;
SEC("socket") int present(struct point *p) { return bpf_core_field_exists(p->x) + p->x; }
SEC("socket") int field(struct point *p) { return p->gone + p->x; }
SEC("socket") int path(struct shape___ours *s) { return s->in.gone[2]; }
SEC("socket") int type(void *ctx) { return bpf_core_type_size(struct absent); }
SEC("socket") int value(void *ctx) { return bpf_core_enum_value(enum colour, ULTRAVIOLET); }
SEC("socket") int guarded(struct point *p) { return bpf_core_field_exists(p->gone); }
SEC("tc") int calls(void *ctx) { bpf_there(1); bpf_not_there(1); bpf_not_there(2); return 0; }
`

// kernelSource stands for the kernel's types.
const kernelSource = `
struct point { long other; int x; };
struct shape { struct point centre; };
enum colour { RED = 1 };
__attribute__((noinline)) void bpf_there(int a) { asm volatile(""); }
int use(struct point *p, struct shape *s, enum colour c) { bpf_there(1); return p->x + s->centre.x + c; }
`

func TestFunctionsThatAKernelHasNot(t *testing.T) {
	spec := parse(t, coreSource)
	types, err := btf.LoadSpecFromReader(bytes.NewReader(clangtest.Compile(t, kernelSource)))
	if err != nil {
		t.Fatal(err)
	}
	if got := absentKfuncs(spec.Programs["calls"], []*btf.Spec{types}); !slices.Equal(got, []string{"kfunc bpf_not_there"}) {
		t.Errorf("kfuncs: %q", got)
	}
}

func TestARelocationOfAnUnknownKindKeepsItsText(t *testing.T) {
	for _, text := range []string{"something new", "CORERelocation(byte_off, Struct:\"x\"[0:1], local_id=99999)"} {
		if got := DescribeRelocation(text, nil); got != text {
			t.Error(got)
		}
	}
}
