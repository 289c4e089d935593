package object

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"math/rand/v2"
	"strings"
	"testing"

	"crossbpf/agent/clangtest"
)

// source has all that the parser reads: types, CO-RE, maps of both kinds, data, subprograms, kfuncs, options.
const source = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
struct task_struct { int pid; } __attribute__((preserve_access_index));
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } counts SEC(".maps");
struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } one SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 2); __type(key, __u32);
	__array(values, struct inner); } outer SEC(".maps") = { .values = { &one } };
extern int LINUX_KERNEL_VERSION __kconfig;
extern void bpf_maybe(int a) __ksym __weak;
const volatile int limit = 8;
int total;
static __attribute__((noinline)) int add(int x) { return x + total; }
SEC("tp_btf/sched_switch") int first(void *ctx) {
	struct task_struct *t = (void *)bpf_get_current_task();
	__u32 k = BPF_CORE_READ(t, pid) + limit + LINUX_KERNEL_VERSION;
	__u64 *v = bpf_map_lookup_elem(&counts, &k);
	total = add(k);
	return v ? *v : bpf_map_lookup_elem(&outer, &k) != 0;
}
SEC("tc") int second(void *ctx) { if (bpf_maybe) bpf_maybe(1); return 0; }
char _license[] SEC("license") = "GPL";
__u32 _version SEC("version") = 0x60100;
`

func TestParse(t *testing.T) {
	file, err := Parse(clangtest.Compile(t, source))
	if err != nil {
		t.Fatal(err)
	}
	if len(file.Spec.Programs) != 2 || file.License != "GPL" || file.KernelVersion != 0x60100 || file.Machine != elf.EM_BPF || file.ByteOrder != binary.LittleEndian {
		t.Errorf("%+v", file)
	}
}

func TestWhatIsNoObject(t *testing.T) {
	good := clangtest.Compile(t, source)
	forAnother := bytes.Clone(good)
	binary.LittleEndian.PutUint16(forAnother[18:], uint16(elf.EM_X86_64))
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":           {nil, "the file is empty"},
		"text":            {[]byte("int main() {}"), "not an ELF file"},
		"random":          {bytes.Repeat([]byte{0x5a, 0xa5}, 5000), "not an ELF file"},
		"an ELF header":   {good[:20], "truncated"},
		"half":            {good[:len(good)/2], ""},
		"another machine": {forAnother, "an ELF file for x86_64, not for BPF"},
	} {
		_, err := Parse(c.data)
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// noPanic parses and fails the test on a panic that Parse did not catch, or on an error of more than one line.
func noPanic(t *testing.T, data []byte) {
	t.Helper()
	if _, err := Parse(data); err != nil && strings.Contains(err.Error(), "\n") {
		t.Errorf("more than one line: %q", err)
	}
}

func TestTruncationAtEachStep(t *testing.T) {
	good := clangtest.Compile(t, source)
	step := 1
	if testing.Short() {
		step = 37
	}
	for size := 0; size < len(good); size += step {
		noPanic(t, good[:size])
	}
}

func TestDamage(t *testing.T) {
	good := clangtest.Compile(t, source)
	random := rand.New(rand.NewPCG(1, 2))
	for range 3000 {
		damaged := bytes.Clone(good)
		for range 1 + random.IntN(6) {
			damaged[random.IntN(len(damaged))] = byte(random.UintN(256))
		}
		noPanic(t, damaged)
	}
}

// withSection changes the header of a named section.
func withSection(t *testing.T, data []byte, name string, change func(*elf.Section64)) []byte {
	t.Helper()
	changed := bytes.Clone(data)
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	table := binary.LittleEndian.Uint64(changed[40:])
	for i, section := range file.Sections {
		if section.Name != name {
			continue
		}
		start := table + uint64(i)*64
		var header elf.Section64
		if err := binary.Read(bytes.NewReader(changed[start:]), binary.LittleEndian, &header); err != nil {
			t.Fatal(err)
		}
		change(&header)
		if _, err := binary.Encode(changed[start:], binary.LittleEndian, &header); err != nil {
			t.Fatal(err)
		}
		return changed
	}
	t.Fatalf("no section %s", name)
	return nil
}

func TestSizesThatLie(t *testing.T) {
	good := clangtest.Compile(t, source)
	for name, c := range map[string]struct {
		section string
		change  func(*elf.Section64)
	}{
		"zeroes":     {".bss", func(s *elf.Section64) { s.Size = 1 << 40 }},
		"data":       {".rodata", func(s *elf.Section64) { s.Size = 1 << 40 }},
		"types":      {".BTF", func(s *elf.Section64) { s.Size = 1 << 40 }},
		"code":       {"tc", func(s *elf.Section64) { s.Size = 1 << 62 }},
		"as zeroes":  {".BTF", func(s *elf.Section64) { s.Type = uint32(elf.SHT_NOBITS); s.Size = 1 << 40 }},
		"compressed": {".rodata", func(s *elf.Section64) { s.Flags |= uint64(elf.SHF_COMPRESSED) }},
		"strings":    {".strtab", func(s *elf.Section64) { s.Size = 1 << 40 }},
		"offset":     {".BTF", func(s *elf.Section64) { s.Off = 1 << 50 }},
	} {
		if _, err := Parse(withSection(t, good, c.section, c.change)); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add(clangtest.Compile(f, source))
	f.Fuzz(func(t *testing.T, data []byte) { noPanic(t, data) })
}
