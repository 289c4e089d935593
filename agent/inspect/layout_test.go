package inspect

import (
	"bytes"
	"debug/elf"
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"crossbpf/agent/clangtest"
)

const typesSource = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <stdbool.h>
struct node { struct node *next; int (*call)(struct node *); };
enum color { RED, GREEN = 5, NONE = -1 };
enum wide { TOP = 0xffffffffffffffffULL };
typedef const volatile char name_t[8];
struct bpf_task;
struct value {
	struct bpf_spin_lock lock;
	__u8 low : 3; int high : 7; _Bool flag : 1;
	union { __u32 word; struct { __u16 first, second; }; };
	name_t name; signed char not_text[2]; bool yes; float real;
	enum color color; enum wide wide; __int128 huge; struct node *list; char table[2][4];
	struct bpf_task __attribute__((btf_type_tag("kptr"))) *task;
	__u64 flexible[];
};
struct { __uint(type, BPF_MAP_TYPE_PERCPU_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, struct value); } values SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } events SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); __type(value, struct node); } records SEC(".maps");
struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct node); } one SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 2); __type(key, __u32);
	__array(values, struct inner); } outer SEC(".maps") = { .values = { &one } };
const volatile __u16 limit = 3;
int zero; static __u64 hidden;
long first = 1, second = 2;
int mine SEC(".data.mine") = 4;
extern unsigned LINUX_KERNEL_VERSION __kconfig;
SEC("socket") int use(void *ctx) { zero++; hidden++; return limit + LINUX_KERNEL_VERSION; }
char _license[] SEC("license") = "GPL";
`

func findMap(t *testing.T, object *Object, name string) Map {
	t.Helper()
	i := slices.IndexFunc(object.Maps, func(m Map) bool { return m.Name == name })
	if i < 0 {
		t.Fatalf("no map %s", name)
	}
	return object.Maps[i]
}

// short writes a layout as one line: only what the tests compare.
func short(layout *Layout) string {
	if layout == nil {
		return "?"
	}
	text, _ := json.Marshal(layout)
	return strings.NewReplacer(`"kind":`, "", `"`, "").Replace(string(text))
}

func TestLayoutOfEachKind(t *testing.T) {
	value := findMap(t, describe(t, typesSource), "values").Value
	want := map[string]string{
		"lock":     `{opaque,name:struct bpf_spin_lock,size:4}`,
		"low":      `{int,size:1,signed:false}`,
		"high":     `{int,size:4,signed:true}`,
		"flag":     `{bool,size:1}`,
		"name":     `{text,size:8}`,
		"not_text": `{array,size:2,count:2,element:{int,size:1,signed:true}}`,
		"yes":      `{bool,size:1}`,
		"real":     `{float,size:4}`,
		"color":    `{enum,name:color,size:4,signed:true,names:[{name:RED,value:0},{name:GREEN,value:5},{name:NONE,value:-1}]}`,
		"wide":     `{enum,name:wide,size:8,signed:false,names:[{name:TOP,value:18446744073709551615}]}`,
		"huge":     `{int,size:16,signed:true}`,
		"list":     `{pointer,size:8}`,
		"table":    `{array,size:8,count:2,element:{text,size:4}}`,
		"task":     `{opaque,name:kptr,size:8}`,
		"flexible": `{array,size:0,count:0,element:{int,size:8,signed:false}}`,
		"":         `{union,name:,size:4,members:[{name:word,offset:0,layout:{int,size:4,signed:false}},{name:,offset:0,layout:{struct,name:,size:4,members:[{name:first,offset:0,layout:{int,size:2,signed:false}},{name:second,offset:2,layout:{int,size:2,signed:false}}]}}]}`,
	}
	if len(value.Members) != len(want) {
		t.Errorf("%d members", len(value.Members))
	}
	for _, member := range value.Members {
		if got := short(member.Layout); got != want[member.Name] {
			t.Errorf("%s\n got %s\nwant %s", member.Name, got, want[member.Name])
		}
	}
}

func TestBitfieldsAndOffsets(t *testing.T) {
	value := findMap(t, describe(t, typesSource), "values").Value
	for _, c := range []struct {
		name   string
		offset uint32
		bits   Bits
	}{{"low", 4, Bits{0, 3}}, {"high", 4, Bits{3, 7}}, {"flag", 5, Bits{2, 1}}} {
		i := slices.IndexFunc(value.Members, func(m Member) bool { return m.Name == c.name })
		if m := value.Members[i]; m.Offset != c.offset || m.Bits == nil || *m.Bits != c.bits {
			t.Errorf("%s: %d %+v", c.name, m.Offset, m.Bits)
		}
	}
	if union, name := value.Members[4], value.Members[5]; union.Offset != 8 || name.Offset != 12 || value.Size%16 != 0 {
		t.Errorf("%d, %d, %d", union.Offset, name.Offset, value.Size)
	}
}

func TestLayoutsOfMaps(t *testing.T) {
	object := describe(t, typesSource)
	if events := findMap(t, object, "events"); events.Key != nil || events.Value != nil {
		t.Errorf("%+v", events)
	}
	outer := findMap(t, object, "outer")
	if short(outer.Key) != "{int,size:4,signed:false}" || outer.Value != nil || outer.InnerMap == nil {
		t.Fatalf("%+v", outer)
	}
	const node = "{struct,name:node,size:16,members:[{name:next,offset:0,layout:{pointer,size:8}},{name:call,offset:8,layout:{pointer,size:8}}]}"
	if got := short(outer.InnerMap.Value); got != node {
		t.Error(got)
	}
	// Records of a ring buffer have the type that is declared for its values, though those have no size.
	if records := findMap(t, object, "records"); short(records.Value) != node || records.ValueSize != 0 {
		t.Errorf("%s, %d bytes", short(records.Value), records.ValueSize)
	}
}

func TestSections(t *testing.T) {
	object := describe(t, typesSource)
	var got []string
	for _, section := range object.Sections {
		for _, v := range section.Variables {
			got = append(got, section.Name+" "+v.Name+" "+short(v.Layout))
		}
		if value := findMap(t, object, section.Name).Value; len(value.Members) != len(section.Variables) {
			t.Errorf("%s: %s", section.Name, short(value))
		}
	}
	slices.Sort(got)
	want := []string{
		".bss hidden {int,size:8,signed:false}", ".bss zero {int,size:4,signed:true}",
		".data first {int,size:8,signed:true}", ".data second {int,size:8,signed:true}",
		".data.mine mine {int,size:4,signed:true}", ".rodata limit {int,size:2,signed:false}",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestLayoutsOfBigEndianObjects(t *testing.T) {
	source := `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } m SEC(".maps");`
	if got := short(findMap(t, describe(t, source, "-target", "bpfeb"), "m").Key); got != "{int,size:4,signed:false,order:big}" {
		t.Error(got)
	}
}

func TestWithoutDebugInformationThereAreNoLayouts(t *testing.T) {
	object := describe(t, `__attribute__((section("socket"), used)) int bare(void *ctx) { return 0; } int x = 1;`, "-g0")
	for _, m := range object.Maps {
		if m.Key != nil || m.Value != nil {
			t.Errorf("%+v", m)
		}
	}
	if object.Sections == nil || len(object.Sections) != 0 {
		t.Errorf("%+v", object.Sections)
	}
}

// Layouts of damaged types are bounded and hold together, or are not given.
func TestLayoutsOfDamagedTypes(t *testing.T) {
	data := clangtest.Compile(t, typesSource)
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	section := file.Section(".BTF")
	random := rand.New(rand.NewPCG(3, 4))
	described := 0
	for range 3000 {
		damaged := bytes.Clone(data)
		for range 1 + random.IntN(4) {
			// The strings, behind the types, would only give other names.
			damaged[section.Offset+24+random.Uint64N(section.Size/2)] = byte(random.UintN(256))
		}
		object, err := Describe(damaged)
		if err != nil {
			continue
		}
		described++
		for _, m := range object.Maps {
			holdsTogether(t, m.Key, m.KeySize)
			room := m.ValueSize
			if m.Type == "ringbuf" {
				room = maxLayout
			}
			holdsTogether(t, m.Value, room)
		}
	}
	if described < 100 {
		t.Errorf("only %d could be described", described)
	}
}

func holdsTogether(t *testing.T, layout *Layout, room uint32) {
	t.Helper()
	if layout == nil {
		return
	}
	if layout.Size > room {
		t.Fatalf("%s is larger than %d", short(layout), room)
	}
	for i := range layout.Members {
		member := &layout.Members[i]
		if memberEnd(member) > uint64(layout.Size)*8 {
			t.Fatalf("%s of %s is too long", member.Name, short(layout))
		}
		holdsTogether(t, member.Layout, layout.Size)
	}
	if layout.Element != nil && layout.Element.Size**layout.Count != layout.Size {
		t.Fatal(short(layout))
	}
}

func TestNestedTypesAreBounded(t *testing.T) {
	var source strings.Builder
	source.WriteString("#include <linux/bpf.h>\n#include <bpf/bpf_helpers.h>\nstruct s0 { int x; };\n")
	for i := 1; i < 25; i++ {
		level, below := string(rune('a'+i)), string(rune('a'+i-1))
		if i == 1 {
			below = "0"
		}
		source.WriteString("union s" + level + " { struct s0 z; ")
		if below != "0" {
			source.WriteString("union s" + below + " a, b; ")
		}
		source.WriteString("};\n")
	}
	source.WriteString(`struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, union sy); } m SEC(".maps");`)
	m := findMap(t, describe(t, source.String()), "m")
	if m.Value != nil || m.Key == nil {
		t.Errorf("%d members", len(m.Value.Members))
	}
}

func TestElementsWithoutASizeAreNotCounted(t *testing.T) {
	description, err := Describe(clangtest.Compile(t, `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct nothing {};
struct value { struct nothing few[3]; int number; };
struct hostile { struct nothing many[0xffffffff]; int number; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, struct value); } plain SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, int); __type(value, struct hostile); } endless SEC(".maps");
SEC("socket") int use(void *ctx) { int key = 0; return !bpf_map_lookup_elem(&plain, &key) + !bpf_map_lookup_elem(&endless, &key); }
`))
	if err != nil {
		t.Fatal(err)
	}
	if layout := findMap(t, description, "plain").Value; layout == nil {
		t.Error("three elements are not described")
	}
	if layout := findMap(t, description, "endless").Value; layout != nil {
		t.Errorf("described as %s", short(layout))
	}
}
