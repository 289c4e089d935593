package object

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"crossbpf/agent/clangtest"
	"crossbpf/agent/names"
)

// windowsSource needs no header: the numbers are those of eBPF for Windows 1.5.0.
const windowsSource = `
typedef unsigned int u32; typedef unsigned long long u64;
#define SEC(name) __attribute__((section(name), used))
const _Bool __ebpf_for_windows_tag SEC(".ebpf_for_windows") = 1;
struct { int (*type)[8]; int (*max_entries)[4]; u32 *key; u64 *value; } recent SEC(".maps");
struct { int (*type)[13]; int (*max_entries)[4096]; struct { int x; } *value; } events SEC(".maps");
static void *(*lookup)(void *map, const void *key) = (void *)1;
static int (*output)(void *map, const void *data, u64 size, u64 flags) = (void *)11;
static long (*redirect_map)(void *map, u64 key, u64 flags) = (void *)35;
static int (*of_type)(void *ctx) = (void *)65536;
int total;
SEC("xdp") int packet(void *ctx) { u32 k = 1; total++; return lookup(&recent, &k) ? output(&events, &k, 4, 0) : redirect_map(&recent, 0, 0); }
SEC("cgroup/connect_authorization4") int authorize(void *ctx) { return of_type(ctx); }
SEC("kprobe/x") int unknown(void *ctx) { return 0; }
`

func parseWindows(t *testing.T) *File {
	t.Helper()
	file, err := Parse(clangtest.Compile(t, windowsSource, "-ffreestanding"))
	if err != nil {
		t.Fatal(err)
	}
	return file
}

func TestNumbersOfAnObjectForWindowsAreThoseOfWindows(t *testing.T) {
	file := parseWindows(t)
	if file.Platform != names.Windows {
		t.Errorf("for %s", file.Platform)
	}
	if recent := file.Spec.Maps["recent"]; recent.Type != ebpf.WindowsLRUHash || names.MapType(recent.Type) != "lru_hash" {
		t.Errorf("%v", recent)
	}
	if events := file.Spec.Maps["events"]; events.Type != ebpf.WindowsRingBuf || events.ValueSize != 0 {
		t.Errorf("%v", events)
	}
	if bss := file.Spec.Maps[".bss"]; bss.Type != ebpf.WindowsArray || bss.Flags != 0 {
		t.Errorf("%v", bss)
	}
}

func TestProgramsForWindowsAreWhatTheirSectionsSay(t *testing.T) {
	file := parseWindows(t)
	for name, want := range map[string][2]string{
		"packet":    {"xdp", "xdp"},
		"authorize": {"cgroup_sock_addr", "cgroup_inet4_connect_authorization"},
		"unknown":   {"unspec", ""},
	} {
		program := file.Spec.Programs[name]
		got := [2]string{names.ProgramType(program.Type), names.AttachType(program.AttachType, program.Type)}
		if got != want {
			t.Errorf("%s: %q, not %q", name, got, want)
		}
	}
}

func TestHelpersOfWindowsHaveTheirNames(t *testing.T) {
	file := parseWindows(t)
	var called []string
	for _, name := range []string{"packet", "authorize"} {
		for _, instruction := range file.Spec.Programs[name].Instructions {
			if instruction.IsBuiltinCall() {
				called = append(called, names.Helper(asm.BuiltinFunc(instruction.Constant)))
			}
		}
	}
	got := strings.Join(called, " ")
	for _, want := range []string{"bpf_map_lookup_elem", "bpf_ringbuf_output", "bpf_redirect_map", "helper#65536"} {
		if !strings.Contains(got, want) {
			t.Errorf("no %s in %s", want, got)
		}
	}
}

func TestAnObjectIsForOnePlatform(t *testing.T) {
	forWindows, forLinux := clangtest.Compile(t, windowsSource, "-ffreestanding"), clangtest.Compile(t, source)
	for _, c := range []struct {
		platform string
		object   []byte
		want     string
	}{
		{names.Linux, forLinux, ""},
		{names.Windows, forWindows, ""},
		{names.Linux, forWindows, "the object is for eBPF for Windows"},
		{names.Windows, forLinux, "the object is for Linux"},
	} {
		_, err := ParseFor(c.platform, c.object)
		if (err == nil) != (c.want == "") || (err != nil && !strings.Contains(err.Error(), c.want)) {
			t.Errorf("on %s: %v", c.platform, err)
		}
	}
}

// Numbers of types are those of other properties too.
const manyMaps = `
typedef unsigned int u32;
#define SEC(name) __attribute__((section(name), used))
const _Bool __ebpf_for_windows_tag SEC(".ebpf_for_windows") = 1;
struct inner { int (*type)[4]; int (*max_entries)[4]; u32 *key, *value; } one SEC(".maps");
struct { int (*type)[7]; int (*max_entries)[7]; u32 *key; struct inner *values[]; } outer SEC(".maps") = { .values = { &one } };
struct { int (*type)[12]; int (*max_entries)[13]; u32 *value; } stack SEC(".maps");
struct { int (*type)[5]; int (*max_entries)[5]; u32 *key, *value; } per_cpu SEC(".maps");
struct { int (*type)[13]; int (*max_entries)[4096]; struct { int x; } *value; } events SEC(".maps");
SEC("xdp") int program(void *ctx) { return 1; }
`

func TestMapsForWindowsAreReadAsTheyAreDeclared(t *testing.T) {
	file, err := Parse(clangtest.Compile(t, manyMaps, "-ffreestanding"))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]ebpf.MapSpec{
		"one":     {Type: ebpf.WindowsPerCPUHash, KeySize: 4, ValueSize: 4, MaxEntries: 4},
		"outer":   {Type: ebpf.WindowsArrayOfMaps, KeySize: 4, ValueSize: 4, MaxEntries: 7},
		"stack":   {Type: ebpf.WindowsStack, ValueSize: 4, MaxEntries: 13},
		"per_cpu": {Type: ebpf.WindowsPerCPUArray, KeySize: 4, ValueSize: 4, MaxEntries: 5},
		"events":  {Type: ebpf.WindowsRingBuf, MaxEntries: 4096},
	} {
		got := file.Spec.Maps[name]
		if got.Type != want.Type || got.KeySize != want.KeySize || got.ValueSize != want.ValueSize || got.MaxEntries != want.MaxEntries {
			t.Errorf("%s: %v", name, got)
		}
	}
	if inner := file.Spec.Maps["outer"].InnerMap; inner == nil || inner.Type != ebpf.WindowsPerCPUHash {
		t.Errorf("outer holds %v", inner)
	}
}

func TestDamagedObjectsForWindows(t *testing.T) {
	good := clangtest.Compile(t, manyMaps, "-ffreestanding")
	random := rand.New(rand.NewPCG(7, 8))
	for range 3000 {
		damaged := bytes.Clone(good)
		for range 1 + random.IntN(6) {
			damaged[random.IntN(len(damaged))] = byte(random.UintN(256))
		}
		noPanic(t, damaged)
	}
}
