package inspect

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"crossbpf/agent/clangtest"
)

const source = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
struct task_struct { int pid; } __attribute__((preserve_access_index));
struct flow { __u32 address; };
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct flow); __type(value, __u64); } flows SEC(".maps");
struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } one SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 2); __type(key, __u32);
	__array(values, struct inner); } outer SEC(".maps") = { .values = { &one } };
extern int bpf_dynptr_from_skb(void *skb, __u64 flags, void *ptr) __ksym;
int total;
static __attribute__((noinline)) int twice(int x) { return x + total; }
SEC("xdp") int counts(void *ctx) {
	struct flow key = {};
	__u64 *v = bpf_map_lookup_elem(&flows, &key);
	return v ? twice(*v) : bpf_map_delete_elem(&outer, &key);
}
SEC("fentry/tcp_connect") int core(void *ctx) {
	struct task_struct *t = (void *)bpf_get_current_task();
	return BPF_CORE_READ(t, pid);
}
SEC("tc") int kfunc(void *ctx) { __u64 p[2]; return bpf_dynptr_from_skb(ctx, 0, p); }
static int step(__u32 i, void *data) { return __sync_fetch_and_add((int *)&total, 1) > 5; }
SEC("lsm.s/file_open") int loops(void *ctx) { return bpf_loop(5, step, 0, 0); }
SEC("cgroup_skb/ingress") int ingress(void *ctx) { return 1; }
SEC("who/knows") int unknown(void *ctx) { return 0; }
char _license[] SEC("license") = "Dual MIT/GPL";
`

func describe(t *testing.T, source string, flags ...string) *Object {
	t.Helper()
	description, err := Describe(clangtest.Compile(t, source, flags...))
	if err != nil {
		t.Fatal(err)
	}
	return description
}

func program(t *testing.T, object *Object, name string) Program {
	t.Helper()
	i := slices.IndexFunc(object.Programs, func(p Program) bool { return p.Name == name })
	if i < 0 {
		t.Fatalf("no program %s", name)
	}
	return object.Programs[i]
}

func TestObject(t *testing.T) {
	object := describe(t, source)
	if object.Machine != "bpf" || object.ByteOrder != "little" || object.License != "Dual MIT/GPL" || object.KernelVersion != nil || !object.BTF || !object.NeedsCore {
		t.Errorf("%+v", object)
	}
	var names []string
	for _, p := range object.Programs {
		names = append(names, p.Name)
	}
	if want := []string{"core", "counts", "ingress", "kfunc", "loops", "unknown"}; !slices.Equal(names, want) {
		t.Errorf("programs %v", names)
	}
}

func TestPrograms(t *testing.T) {
	object := describe(t, source)
	none := []string{}
	for _, want := range []Program{
		{Name: "counts", Section: "xdp", Type: "xdp", AttachType: "xdp", Subprograms: []string{"twice"},
			Helpers: []string{"bpf_map_delete_elem", "bpf_map_lookup_elem"}, Kfuncs: none,
			Maps: []string{".bss", "flows", "outer"}, Variables: []VariablePlace{{".bss", 0}}, Features: []string{"bpf-to-bpf-call"}},
		{Name: "core", Section: "fentry/tcp_connect", Type: "tracing", AttachType: "trace_fentry", AttachTo: "tcp_connect",
			Subprograms: none, Helpers: []string{"bpf_get_current_task", "bpf_probe_read_kernel"}, Kfuncs: none, Maps: none,
			CoreRelocations: 1, Features: none},
		{Name: "kfunc", Section: "tc", Type: "sched_cls", Subprograms: none, Helpers: none,
			Kfuncs: []string{"bpf_dynptr_from_skb"}, Maps: none, Features: []string{"kfunc"}},
		{Name: "loops", Section: "lsm.s/file_open", Type: "lsm", AttachType: "lsm_mac", AttachTo: "file_open", Sleepable: true,
			Subprograms: []string{"step"}, Helpers: []string{"bpf_loop"}, Kfuncs: none, Maps: []string{".bss"},
			Variables: []VariablePlace{{".bss", 0}}, Features: []string{"atomics", "callback", "jmp32"}},
		{Name: "ingress", Section: "cgroup_skb/ingress", Type: "cgroup_skb", AttachType: "cgroup_inet_ingress",
			Subprograms: none, Helpers: none, Kfuncs: none, Maps: none, Features: none},
		{Name: "unknown", Section: "who/knows", Type: "unspec", Subprograms: none, Helpers: none, Kfuncs: none, Maps: none, Features: none},
	} {
		got := program(t, object, want.Name)
		if got.Insns < 2 {
			t.Errorf("%s has %d instructions", got.Name, got.Insns)
		}
		want.Insns = got.Insns
		if want.Variables == nil {
			want.Variables = []VariablePlace{}
		}
		got.Features = slices.DeleteFunc(got.Features, func(f string) bool { return f == "jmp32" && !slices.Contains(want.Features, f) })
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s\n got %+v\nwant %+v", want.Name, got, want)
		}
	}
}

func TestMaps(t *testing.T) {
	object := describe(t, source)
	find := func(name string) Map {
		return object.Maps[slices.IndexFunc(object.Maps, func(m Map) bool { return m.Name == name })]
	}
	without := func(m Map) Map {
		m.Key, m.Value = nil, nil
		return m
	}
	if got, want := without(find("flows")), (Map{Name: "flows", Type: "hash", KeySize: 4, ValueSize: 8, MaxEntries: 4, Flags: 1,
		BTF: &MapTypes{"struct flow", "__u64"}}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v", got)
	}
	if outer := find("outer"); outer.Type != "array_of_maps" || outer.InnerMap == nil || outer.InnerMap.Type != "array" || outer.InnerMap.MaxEntries != 1 {
		t.Errorf("%+v", outer)
	}
	if bss := find(".bss"); bss.Type != "array" || bss.ValueSize != 4 || bss.BTF.Value != "section .bss" {
		t.Errorf("%+v", bss)
	}
}

func TestFeaturesOfInstructions(t *testing.T) {
	const head = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char _license[] SEC("license") = "GPL";
SEC("socket") int test(void *ctx) { `
	for _, c := range []struct{ body, flags, want string }{
		{`long r; asm volatile("%0 = 1; may_goto +0" : "=r"(r)); return r; }`, "-mcpu=v4", "may_goto"},
		{`long a = *(volatile int *)ctx; return a / *(volatile int *)ctx; }`, "-mcpu=v4", "cpu-v4"},
		{`return __builtin_bswap32(*(volatile int *)ctx); }`, "-mcpu=v4", "cpu-v4"},
		{`asm volatile("gotol +0"); return 0; }`, "-mcpu=v4", "cpu-v4"},
		{`int x = 0; return __sync_val_compare_and_swap(&x, 0, 1); }`, "-mcpu=v3", "atomics"},
		{`long x = 0; __sync_fetch_and_add(&x, 1); return 0; }`, "-mcpu=v2", ""},
		{`long a = 0, b; asm volatile(".byte 0xdb, 0xa0, 0xf8, 0xff, 0x00, 0x01, 0x00, 0x00" ::: "r0"); return 0; }`, "-mcpu=v3", "load-acquire"},
		{`asm volatile(".byte 0xdb, 0x0a, 0xf8, 0xff, 0x10, 0x01, 0x00, 0x00"); return 0; }`, "-mcpu=v3", "store-release"},
		{`asm volatile("r0 = *(u8 *)skb[0]" ::: "r0"); return 0; }`, "-mcpu=v3", "packet-load"},
		{`return 0; }`, "-mcpu=v3", ""},
	} {
		got := program(t, describe(t, head+c.body, c.flags), "test").Features
		if strings.Join(got, " ") != c.want {
			t.Errorf("%s\n got %q, want %q", c.body, got, c.want)
		}
	}
}

func TestAnObjectWithoutProgramsIsNoError(t *testing.T) {
	object := describe(t, "int x;")
	if object.Programs == nil || len(object.Programs) != 0 || object.NeedsCore {
		t.Errorf("%+v", object)
	}
	text, err := json.Marshal(object)
	if err != nil || !strings.Contains(string(text), `"programs":[]`) {
		t.Errorf("%s, %v", text, err)
	}
}

func TestWithoutDebugInformation(t *testing.T) {
	object := describe(t, `__attribute__((section("socket"), used)) int bare(void *ctx) { return 0; }`, "-g0")
	if object.BTF || object.License != "" || program(t, object, "bare").Type != "socket_filter" {
		t.Errorf("%+v", object)
	}
}

func TestBigEndian(t *testing.T) {
	object := describe(t, `__attribute__((section("socket"), used)) int bare(void *ctx) { return 0; }`, "-target", "bpfeb")
	if object.ByteOrder != "big" {
		t.Error(object.ByteOrder)
	}
}

func TestFilesThatAreNoObjects(t *testing.T) {
	folder := t.TempDir()
	write := func(name, content string) string {
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for path, want := range map[string]string{
		write("empty.o", ""):                    "the file is empty",
		write("text.o", "hello"):                "not an ELF file",
		write("short.o", "\x7fELF\x02\x01\x01"): "truncated",
		filepath.Join(folder, "missing.o"):      "no such file",
		folder:                                  "not a file",
		"/proc/self/exe":                        "an ELF file for",
	} {
		_, err := File(path)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), path) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", path, err)
		}
	}
}
