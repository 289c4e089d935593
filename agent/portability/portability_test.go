package portability

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/clangtest"
)

const head = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
struct { __uint(type, BPF_MAP_TYPE_HASH); __type(key, int); __type(value, long); __uint(max_entries, 1); } table SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, long); __uint(max_entries, 1); } list SEC(".maps");
struct task { int state; } __attribute__((preserve_access_index));
`

// examine compiles a source and looks at its only program, with a kernel of the given types.
func examine(t *testing.T, source string, kernel ...btf.Type) Program {
	t.Helper()
	folder := t.TempDir()
	object := filepath.Join(folder, "object.o")
	if err := os.WriteFile(object, clangtest.Compile(t, head+source), 0o600); err != nil {
		t.Fatal(err)
	}
	request := Request{Objects: []string{object}}
	if len(kernel) > 0 {
		types := filepath.Join(folder, "types.btf")
		if err := os.WriteFile(types, rawTypes(t, kernel), 0o600); err != nil {
			t.Fatal(err)
		}
		request.Kernels = []Kernel{{ID: "kernel", Types: types, Version: "6.12.300"}}
	}
	answers, err := Examine(request)
	if err != nil {
		t.Fatal(err)
	}
	if answers[0].Error != nil {
		t.Fatal(*answers[0].Error)
	}
	return answers[0].Programs[0]
}

func rawTypes(t *testing.T, types []btf.Type) []byte {
	t.Helper()
	builder, err := btf.NewBuilder(types, nil)
	if err != nil {
		t.Fatal(err)
	}
	data, err := builder.Marshal(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// needed are the names of the needs of a kind, without the given indices.
func needed(p Program, kind string, without []int) []string {
	list := []string{}
	for i, need := range p.Needs {
		if need.Kind == kind && !slices.Contains(without, i) {
			list = append(list, need.Name)
		}
	}
	return list
}

func expectNames(t *testing.T, got []string, want ...string) {
	t.Helper()
	if strings.Join(got, "; ") != strings.Join(want, "; ") {
		t.Errorf("%q, not %q", got, want)
	}
}

func TestNeedsHaveTheirLines(t *testing.T) {
	p := examine(t, `SEC("xdp") int prog(struct xdp_md *ctx) { return bpf_ktime_get_ns() > 5 ? XDP_PASS : XDP_DROP; }`)
	expectNames(t, needed(p, "helper", nil), "bpf_ktime_get_ns")
	if line := p.Needs[0].Line; line == nil || line.Number == 0 || !strings.Contains(line.Text, "bpf_ktime_get_ns") {
		t.Errorf("%+v", line)
	}
}

func TestConstantsKeepCodeOut(t *testing.T) {
	p := examine(t, `
const volatile int wanted = 0;
SEC("xdp") int prog(struct xdp_md *ctx) { return wanted ? bpf_get_prandom_u32() : bpf_ktime_get_ns() > 5; }`)
	expectNames(t, needed(p, "helper", p.Unreached), "bpf_ktime_get_ns")
}

func TestVariablesDecideNothing(t *testing.T) {
	p := examine(t, `
int wanted = 0;
SEC("xdp") int prog(struct xdp_md *ctx) { return wanted ? bpf_get_prandom_u32() : bpf_ktime_get_ns() > 5; }`)
	if reached := needed(p, "helper", p.Unreached); len(reached) != 2 {
		t.Errorf("%q", reached)
	}
}

var (
	number  = &btf.Int{Name: "int", Size: 4, Encoding: btf.Signed}
	with    = &btf.Struct{Name: "task", Size: 4, Members: []btf.Member{{Name: "state", Type: number}}}
	without = &btf.Struct{Name: "task", Size: 4, Members: []btf.Member{{Name: "other", Type: number}}}
)

const guarded = `
SEC("kprobe/f") int prog(void *ctx) {
	struct task *t = (void *)bpf_get_current_task();
	if (bpf_core_field_exists(t->state)) return BPF_CORE_READ(t, state) + bpf_ktime_get_ns();
	return bpf_get_prandom_u32();
}`

func TestAGuardDecidesByTheKernel(t *testing.T) {
	has := examine(t, guarded, with).Kernels["kernel"]
	p := examine(t, guarded, without)
	lacks := p.Kernels["kernel"]
	if len(has.Absent)+len(lacks.Absent) != 0 {
		t.Errorf("what is guarded is not missing: %v, %v", has.Absent, lacks.Absent)
	}
	expectNames(t, needed(p, "helper", has.Unreached), "bpf_get_current_task", "bpf_probe_read_kernel", "bpf_ktime_get_ns")
	expectNames(t, needed(p, "helper", lacks.Unreached), "bpf_get_current_task", "bpf_get_prandom_u32")
}

func TestAFieldWithoutAGuardIsMissing(t *testing.T) {
	source := `SEC("kprobe/f") int prog(void *ctx) { return BPF_CORE_READ((struct task *)bpf_get_current_task(), state); }`
	p := examine(t, source, without)
	found := p.Kernels["kernel"]
	if len(found.Absent) != 1 || p.Needs[found.Absent[0]].Name != "field task.state" {
		t.Errorf("%+v of %+v", found, p.Needs)
	}
	if absent := examine(t, source, with).Kernels["kernel"].Absent; len(absent) != 0 {
		t.Errorf("%v", absent)
	}
}

func TestTargetsAreLookedFor(t *testing.T) {
	source := `SEC("fentry/tcp_foo") int prog(void *ctx) { return 0; }`
	signature := &btf.FuncProto{Return: number}
	if target := examine(t, source, number).Kernels["kernel"].Target; target == nil || *target != "kernel function tcp_foo" {
		t.Errorf("%v", target)
	}
	function := &btf.Func{Name: "tcp_foo", Type: signature, Linkage: btf.GlobalFunc}
	if target := examine(t, source, function).Kernels["kernel"].Target; target != nil {
		t.Errorf("%s", *target)
	}
}

func TestDefects(t *testing.T) {
	for name, test := range map[string]struct{ body, want string }{
		"an unchecked value": {`int k = 1; long *v = bpf_map_lookup_elem(&table, &k); return *v;`,
			"an address that may be NULL: check it before it is used"},
		"an unchecked entry of an array": {`int k = 0; long *v = bpf_map_lookup_elem(&list, &k); return *v;`,
			"an entry of an array that may be NULL: check it before it is used"},
		"a checked entry of an array": {`int k = 0; long *v = bpf_map_lookup_elem(&list, &k); return v ? *v : 0;`, ""},
		"a checked value":             {`int k = 1; long *v = bpf_map_lookup_elem(&table, &k); return v ? *v : 0;`, ""},
		"a copy is checked":           {`int k = 1; long *v = bpf_map_lookup_elem(&table, &k), *w = v; if (!w) return 0; return *v;`, ""},
		"below the stack": {`asm volatile("*(u64 *)(r10 - 520) = r1" ::: "memory"); return 0;`,
			"memory outside of the stack of 512 bytes"},
		"division by 0": {`long x = ctx->data; asm volatile("%0 /= 0" : "+r"(x)); return x;`, "a division by the constant 0"},
	} {
		t.Run(name, func(t *testing.T) {
			p := examine(t, `SEC("xdp") int prog(struct xdp_md *ctx) { `+test.body+` }`)
			if got := strings.Join(needed(p, "defect", nil), "; "); got != test.want {
				t.Errorf("%q, not %q", got, test.want)
			}
		})
	}
}

func TestGlobalFunctions(t *testing.T) {
	p := examine(t, `
int result;
__attribute__((noinline)) void store(int value) { result = value; }
__attribute__((noinline)) int sum(const int *values) { return values ? values[0] : 0; }
__attribute__((noinline)) int length(const struct xdp_md *ctx) { return ctx->data_end - ctx->data; }
__hidden __attribute__((noinline)) void hide(int value) { result = value; }
static __attribute__((noinline)) void keep(int *value) { *(volatile int *)value = 1; }
SEC("xdp") int prog(struct xdp_md *ctx) { int one = 1; store(one); hide(one); keep(&one); return sum(&one) + length(ctx); }`)
	got := needed(p, "global", p.Unreached)
	slices.Sort(got)
	expectNames(t, got, "store: no result", "sum: a pointer")
}

func TestTimersAndLocksOfMaps(t *testing.T) {
	folder := t.TempDir()
	object := filepath.Join(folder, "object.o")
	source := head + `
struct inner { struct bpf_timer timer; };
struct locked { int n; struct bpf_spin_lock lock; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, struct locked); __uint(max_entries, 1); } locks SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __type(key, int); __type(value, struct inner); __uint(max_entries, 1); } timers SEC(".maps");
SEC("xdp") int prog(struct xdp_md *ctx) { int k = 0; return bpf_map_lookup_elem(&timers, &k) || bpf_map_lookup_elem(&list, &k); }`
	if err := os.WriteFile(object, clangtest.Compile(t, source), 0o600); err != nil {
		t.Fatal(err)
	}
	answers, err := Examine(Request{Objects: []string{object}})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range answers[0].Maps {
		if m.Timer != (m.Name == "timers") || m.Lock != (m.Name == "locks") {
			t.Errorf("%+v", m)
		}
	}
}

func TestWhatAHookAnswers(t *testing.T) {
	for want, result := range map[string]btf.Type{"number": number, "void": (*btf.Void)(nil)} {
		hook := &btf.Func{Name: "bpf_lsm_file_open", Type: &btf.FuncProto{Return: result}, Linkage: btf.GlobalFunc}
		p := examine(t, `SEC("lsm/file_open") int prog(void *ctx) { return 1; }`, hook)
		if got := p.Kernels["kernel"].Result; got == nil || *got != want {
			t.Errorf("%v, not %s", got, want)
		}
	}
	if got := examine(t, `SEC("xdp") int prog(void *ctx) { return 1; }`, number).Kernels["kernel"].Result; got != nil {
		t.Errorf("%s", *got)
	}
}

func TestKernelsThatGiveTheSameConstantsAreFollowedOnce(t *testing.T) {
	p := examine(t, guarded, with)
	source := filepath.Join(t.TempDir(), "object.o")
	if err := os.WriteFile(source, clangtest.Compile(t, head+guarded), 0o600); err != nil {
		t.Fatal(err)
	}
	o := open(source, nil)
	types, err := btf.LoadSpecFromReader(bytes.NewReader(rawTypes(t, []btf.Type{with})))
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if found := o.programs[0].resolve(o.locate(types), nil); !slices.Equal(found.Unreached, p.Kernels["kernel"].Unreached) {
			t.Errorf("%v, not %v", found.Unreached, p.Kernels["kernel"].Unreached)
		}
	}
	if count := len(o.programs[0].followed.reached); count != 1 {
		t.Errorf("followed %d times", count)
	}
}

func TestConstantResults(t *testing.T) {
	p := examine(t, `SEC("cgroup/connect4") int prog(struct bpf_sock_addr *ctx) { return 2; }`)
	expectNames(t, needed(p, "return", nil), "2")
}

func TestWhatIsNoObjectIsSaid(t *testing.T) {
	file := filepath.Join(t.TempDir(), "text.o")
	if err := os.WriteFile(file, []byte("no object"), 0o600); err != nil {
		t.Fatal(err)
	}
	answers, err := Examine(Request{Objects: []string{file}})
	if err != nil || answers[0].Error == nil {
		t.Errorf("%+v, %v", answers, err)
	}
}
