package object

import (
	"bytes"
	"debug/elf"
	"fmt"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/clangtest"
	"crossbpf/agent/object/mend"
)

const constructHead = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
char _license[] SEC("license") = "GPL";
`

// parse compiles and reads a source; a construct that is not mended fails it.
func parse(t *testing.T, source string, change func([]byte) []byte) *File {
	t.Helper()
	data := clangtest.Compile(t, constructHead+source)
	if change != nil {
		data = change(data)
	}
	file, err := Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestWeakMapsAndCallbacks(t *testing.T) {
	file := parse(t, `
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } m SEC(".maps") __weak;
__weak int each(__u32 i, void *c) { return 0; }
SEC("xdp") int p(void *ctx) { __u32 k = 0; bpf_loop(3, each, &k, 0); return bpf_map_lookup_elem(&m, &k) ? 1 : 2; }`, nil)
	if file.Spec.Maps["m"] == nil || len(file.Spec.Programs) != 1 {
		t.Errorf("%v", file.Spec)
	}
}

func TestStaticFunctionsOfOneName(t *testing.T) {
	file := parse(t, `
static __attribute__((noinline)) int twin_a(int x) { return x * 3 + bpf_get_smp_processor_id(); }
static __attribute__((noinline)) int twin_b(int x) { return x * 5 + bpf_get_smp_processor_id(); }
SEC("xdp") int p(void *ctx) { return twin_a(1) + twin_b(2); }`, func(data []byte) []byte {
		return bytes.ReplaceAll(data, []byte("\x00twin_b\x00"), []byte("\x00twin_a\x00"))
	})
	functions := map[string]int{}
	for i := range file.Spec.Programs["p"].Instructions {
		instruction := &file.Spec.Programs["p"].Instructions[i]
		functions[instruction.Symbol()]++
		if instruction.IsFunctionCall() {
			functions["-> "+instruction.Reference()]++
		}
	}
	for _, wanted := range []string{"twin_a", "twin_a.2", "-> twin_a", "-> twin_a.2"} {
		if functions[wanted] != 1 {
			t.Errorf("%s: %v", wanted, functions)
		}
	}
}

func TestOptions(t *testing.T) {
	file := parse(t, `
extern _Bool CONFIG_BPF __kconfig __weak;
extern __u32 LINUX_KERNEL_VERSION __kconfig;
SEC("xdp") int p(void *ctx) { return CONFIG_BPF + LINUX_KERNEL_VERSION; }`, nil)
	m := file.Spec.Maps[mend.OptionsMap]
	if m == nil || m.ValueSize != 5 || m.Flags == 0 {
		t.Fatalf("%+v", m)
	}
	places := map[string]uint32{}
	for _, place := range m.Value.(*btf.Datasec).Vars {
		places[place.Type.TypeName()] = place.Offset
	}
	var read []uint32
	for _, instruction := range file.Spec.Programs["p"].Instructions {
		if instruction.IsLoadFromMap() && instruction.Reference() == mend.OptionsMap {
			read = append(read, uint32(uint64(instruction.Constant)>>32))
		}
	}
	if fmt.Sprint(places) != "map[CONFIG_BPF:4 LINUX_KERNEL_VERSION:0]" || len(read) != 2 || read[0] == read[1] {
		t.Errorf("%v, read at %v", places, read)
	}
	if !file.Externs["CONFIG_BPF"].Weak || file.Externs["LINUX_KERNEL_VERSION"].Weak {
		t.Errorf("%v", file.Externs)
	}
}

func TestKernelSymbols(t *testing.T) {
	file := parse(t, `
struct rq { int x; };
extern const struct rq runqueues __ksym;
extern const void bpf_prog_fops __ksym;
extern const void gone __ksym __weak;
extern void bpf_kfunc(int) __ksym;
SEC("xdp") int p(void *ctx) { bpf_kfunc(1); return (&gone != 0) + (long)&bpf_prog_fops + (long)&runqueues; }`, nil)
	kinds := map[string]mend.ExternKind{}
	for name, extern := range file.Externs {
		kinds[name] = extern.Kind
	}
	if file.Externs["runqueues"].Type == 0 || file.Externs["bpf_prog_fops"].Type != 0 || !file.Externs["gone"].Weak {
		t.Errorf("%v", file.Externs)
	}
	if kinds["bpf_kfunc"] != mend.KernelFunction || kinds["runqueues"] != mend.KernelVariable || len(kinds) != 4 {
		t.Errorf("%v", kinds)
	}
}

func TestSectionsOfVariables(t *testing.T) {
	file := parse(t, `
int here SEC(".bss.mine");
int there SEC(".data.mine") = 3;
SEC("xdp") int p(void *ctx) { here++; return there; }`, nil)
	m := file.Spec.Maps[".bss.mine"]
	if m == nil || m.Name != ".bss.mine" || m.Value.TypeName() != ".bss.mine" || m.ValueSize != 4 {
		t.Fatalf("%+v", m)
	}
	if file.Spec.Variables["here"].SectionName != ".bss.mine" {
		t.Errorf("%+v", file.Spec.Variables["here"])
	}
	for _, instruction := range file.Spec.Programs["p"].Instructions {
		if reference := instruction.Reference(); reference != "" && reference != ".bss.mine" && reference != ".data.mine" {
			t.Error(reference)
		}
	}
}

const arenaProgram = `
#define __arena __attribute__((address_space(1)))
int __arena counter = 5;
SEC("syscall") int p(void *ctx) { return counter++; }`

func TestVariablesOfAnArena(t *testing.T) {
	file := parse(t, `struct { __uint(type, 33); __uint(map_flags, BPF_F_MMAPABLE); __uint(max_entries, 4); } arena SEC(".maps");`+
		arenaProgram, nil)
	if len(file.Spec.Maps) != 1 || !bytes.Equal(file.ArenaData, []byte{5, 0, 0, 0}) || len(file.Broken) != 0 {
		t.Errorf("%v, % x, %v", file.Spec.Maps, file.ArenaData, file.Broken)
	}
	for _, instruction := range file.Spec.Programs["p"].Instructions {
		if reference := instruction.Reference(); reference != "" && reference != "arena" {
			t.Error(reference)
		}
	}
	if said := parse(t, arenaProgram, nil).Broken["p"]; !strings.Contains(said, "declares no arena") {
		t.Errorf("%q", said)
	}
}

func TestMapDefinitions(t *testing.T) {
	file := parse(t, `
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(map_flags, 4); __uint(max_entries, 4); __uint(key_size, 4); __type(key, __u32);
	__type(value, __u64[3]); __uint(value_size, 24); __uint(numa_node, 2); } placed SEC(".maps");
typedef struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64);
	__uint(pinning, LIBBPF_PIN_BY_NAME); } inner_t;
inner_t one SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 2); __type(key, __u32); __array(values, inner_t); }
	outer SEC(".maps") = { .values = { &one } };
SEC("xdp") int p(void *ctx) { __u32 k = 0; return (long)bpf_map_lookup_elem(&placed, &k) + (long)bpf_map_lookup_elem(&outer, &k); }`, nil)
	placed, outer := file.Spec.Maps["placed"], file.Spec.Maps["outer"]
	if placed.NumaNode != 2 || placed.KeySize != 4 || placed.ValueSize != 24 || placed.Key == nil || placed.Flags != 4 {
		t.Errorf("%+v", placed)
	}
	inner := outer.InnerMap
	if inner == nil || inner.Type != ebpf.Array || inner.MaxEntries != 4 || inner.Pinning != ebpf.PinNone || len(outer.Contents) != 1 {
		t.Errorf("%+v", outer)
	}
	if file.Spec.Maps["one"].Pinning != ebpf.PinByName || len(file.Notes["outer"]) != 1 {
		t.Errorf("%+v, %v", file.Spec.Maps["one"], file.Notes)
	}
}

const operationsSource = `
struct tcp_congestion_ops { unsigned (*ssthresh)(void *sk); void (*set_state)(void *sk, unsigned char state); char name[16]; };
SEC("struct_ops") unsigned threshold(__u64 *ctx) { return 4; }
SEC("struct_ops") void state(__u64 *ctx) {}
SEC(".struct_ops") struct tcp_congestion_ops plain = { .ssthresh = (void *)threshold, .name = "plain" };
SEC(".struct_ops.link") struct tcp_congestion_ops linked = { .ssthresh = (void *)threshold, .set_state = (void *)state, .name = "linked" };
SEC("?.struct_ops") struct tcp_congestion_ops maybe = { .ssthresh = (void *)threshold };
`

func TestOperations(t *testing.T) {
	spec := parse(t, operationsSource, nil).Spec
	for name, flags := range map[string]uint32{"plain": 0, "linked": 1 << 13, "maybe": 0} {
		m := spec.Maps[name]
		if m == nil || m.Type != ebpf.StructOpsMap || m.Flags != flags || m.ValueSize != 32 {
			t.Fatalf("%s: %+v", name, m)
		}
	}
	if value, _ := spec.Maps["plain"].Contents[0].Value.([]byte); !bytes.Equal(value[16:21], []byte("plain")) {
		t.Errorf("% x", value)
	}
	for name, target := range map[string]string{"threshold": "ssthresh", "state": "set_state"} {
		if got := spec.Programs[name].AttachTo; got != "tcp_congestion_ops:"+target {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestThatWhatCannotBeReadCostsItsUsersAlone(t *testing.T) {
	file := parse(t, `
int lost SEC("nowhere") = 3;
int kept = 4;
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); __uint(value_size, 4); }
	torn SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } whole SEC(".maps");
static __attribute__((noinline)) int helper(int x) { return x + lost; }
SEC("xdp") int direct(void *ctx) { return lost; }
SEC("xdp") int by_function(void *ctx) { return helper(1); }
SEC("xdp") int by_map(void *ctx) { __u32 k = 0; return bpf_map_lookup_elem(&torn, &k) ? 1 : 2; }
SEC("xdp") int good(void *ctx) { __u32 k = 0; return bpf_map_lookup_elem(&whole, &k) ? kept : 2; }
SEC("tc") int plain(void *ctx) { return 0; }`, nil)
	want := map[string]string{
		"direct": "nowhere", "by_function": "nowhere", "by_map": "both value and value_size given",
	}
	for name := range file.Spec.Programs {
		if said := file.Broken[name]; (said == "") != (want[name] == "") || !strings.Contains(said, want[name]) {
			t.Errorf("%s: %q", name, said)
		}
	}
	if len(file.Spec.Programs) != 5 || len(file.Broken) != 3 {
		t.Errorf("%v", file.Broken)
	}
}

func TestThatPlainObjectsAreReadAsTheyAre(t *testing.T) {
	data := clangtest.Compile(t, constructHead+`
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } m SEC(".maps");
int total;
SEC("xdp") int p(void *ctx) { __u32 k = 0; total++; return bpf_map_lookup_elem(&m, &k) ? 1 : 2; }`)
	parsed, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	if mended := mend.Read(parsed, data); &mended.Data[0] != &data[0] {
		t.Error("it was copied")
	}
}
