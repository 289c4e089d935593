package vmlinux

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/clangtest"
)

// odd has every way in which a struct can lie otherwise than its members alone say.
const odd = `
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long long u64;
enum small { SMALL } __attribute__((mode(byte)));
enum wide { WIDE = 0x8000000000000000ULL, NARROW = 1 };
enum low { LOW = -1, HIGH = 7 };
struct bits { u32 a : 3; u32 : 0; u32 b : 31; u8 c : 7; u64 d : 33; enum low e : 4; };
struct jump { u8 a; u8 b : 1; u32 c : 5; u8 d; } ;
struct packed_bits { u8 a; u32 b : 30; u32 c : 30; u8 d; } __attribute__((packed));
struct packed { u8 a; u64 b; u16 c; } __attribute__((packed));
struct half { u8 a; u64 b; u8 c; } __attribute__((packed, aligned(4)));
struct holds_packed { u8 a; struct packed b; struct half c; u8 d; };
struct line { u8 a; struct { u32 b; } __attribute__((aligned(64))) c; u8 d; } __attribute__((aligned(64)));
union cache { u8 a; u32 b; } __attribute__((aligned(32)));
struct holds_union { u8 a; union cache b; u8 c; };
struct late { u8 a; u64 b __attribute__((packed, aligned(4))); u8 c; };
struct empty {};
struct zone { u8 a; u64 none[0] __attribute__((aligned(64))); struct empty e; u8 rest[]; };
struct nameless { int a; union { struct { u8 x; u8 y; }; u16 z; }; struct { enum { IN_LINE } kind; } b[3][2]; };
struct list { struct list *next; void (*release)(struct list *, struct later *, ...); int (*(*table)[4])(void); };
struct tagged { int __attribute__((btf_type_tag("user"))) *p; const char *const volatile *q; const u8 r[4]; };
typedef struct { struct holder *owner; } alias; struct holder { alias a; alias *b; };
typedef int (*callback)(struct uses_callback *); struct uses_callback { callback run; };
struct by_size { enum small a; enum wide b; __int128 c; _Bool d : 1; };
`

func typesOf(t *testing.T, source string, variables ...string) *btf.Spec {
	t.Helper()
	for _, declared := range variables {
		name := strings.NewReplacer(" ", "_").Replace(declared)
		source += declared + " v_" + name + ";\n"
	}
	types, err := btf.LoadSpecFromReader(bytes.NewReader(clangtest.Compile(t, source, "-Wno-visibility")))
	if err != nil {
		t.Fatal(err)
	}
	return types
}

func TestLayouts(t *testing.T) {
	names := []string{"bits", "jump", "packed_bits", "packed", "half", "holds_packed", "line", "holds_union", "late",
		"zone", "nameless", "list", "tagged", "holder", "uses_callback", "by_size"}
	for i, name := range names {
		names[i] = "struct " + name
	}
	types := typesOf(t, odd, names...)
	if compared := compareWithClang(t, types, "-Wall", "-Werror", "-Wno-error=address-of-packed-member"); compared < len(names) {
		t.Errorf("%d types were compared, not %d", compared, len(names))
	}
}

func headerOf(t *testing.T, types *btf.Spec) string {
	t.Helper()
	var header bytes.Buffer
	if err := Write(&header, types); err != nil {
		t.Fatal(err)
	}
	return header.String()
}

func TestDeclarations(t *testing.T) {
	types := typesOf(t, odd, "struct list", "struct tagged", "struct by_size", "struct bits")
	header := headerOf(t, types)
	for _, line := range []string{
		"\tvoid (*release)(struct list *, struct later *, ...);",
		"\tint (*(*table)[4])(void);",
		"\tint __attribute__((btf_type_tag(\"user\"))) *p;",
		"\tconst char * const volatile *q;",
		"\tWIDE = 9223372036854775808ULL,",
		"\tLOW = -1,",
		"} __attribute__((mode(byte)));",
		"\tenum low e: 4;",
		"#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)",
	} {
		if !slices.Contains(strings.Split(header, "\n"), line) {
			t.Errorf("there is no line %q", line)
		}
	}
	if strings.Index(header, "struct later;") > strings.Index(header, "struct list {") {
		t.Error("struct later is not declared before its use")
	}
}

// specOf makes types that a compiler would not put into one file.
func specOf(t *testing.T, types ...btf.Type) *btf.Spec {
	t.Helper()
	builder, err := btf.NewBuilder(types, nil)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := builder.Marshal(nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	spec, err := btf.LoadSpecFromReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	return spec
}

func TestNamesOfTwoTypes(t *testing.T) {
	number := &btf.Int{Name: "int", Size: 4, Encoding: btf.Signed}
	first := &btf.Struct{Name: "dup", Size: 4, Members: []btf.Member{{Name: "a", Type: number}}}
	second := &btf.Struct{Name: "dup", Size: 8, Members: []btf.Member{{Name: "p", Type: &btf.Pointer{Target: &btf.Fwd{Name: "dup", Kind: btf.FwdStruct}}}}}
	third := &btf.Union{Name: "dup", Size: 4, Members: []btf.Member{{Name: "a", Type: number}}}
	values := &btf.Enum{Size: 4, Values: []btf.EnumValue{{Name: "alias", Value: 1}, {Name: "false"}, {Name: "odd::name", Value: 3}}}
	header := headerOf(t, specOf(t, first, second, third, &btf.Typedef{Name: "alias", Type: first}, values))
	for _, part := range []string{
		"struct dup {\n\tint a;\n};", "struct dup___2 {\n\tstruct dup *p;\n};", "union dup___3 {",
		"typedef struct dup alias;", "\talias___2 = 1,\n\tfalse = 0,\n\todd__name = 3,",
	} {
		if !strings.Contains(header, part) {
			t.Errorf("there is no %q in %s", part, header)
		}
	}
	clangtest.Compile(t, header, "-Wall", "-Werror")
}

// A member without a name whose type has one is what -fms-extensions allows; kernels have such since 6.19.
func TestMicrosoftExtensions(t *testing.T) {
	number := &btf.Int{Name: "int", Size: 4, Encoding: btf.Signed}
	inner := &btf.Struct{Name: "inner", Size: 4, Members: []btf.Member{{Name: "a", Type: number}}}
	outer := &btf.Struct{Name: "outer", Size: 8, Members: []btf.Member{{Type: inner}, {Name: "b", Type: number, Offset: 32}}}
	compareWithClang(t, specOf(t, outer), "-Wall", "-Werror")
}

func TestKfuncs(t *testing.T) {
	number := &btf.Int{Name: "int", Size: 4, Encoding: btf.Signed}
	sock := &btf.Struct{Name: "sock", Size: 4, Members: []btf.Member{{Name: "a", Type: number}}}
	proto := &btf.FuncProto{Return: number, Params: []btf.FuncParam{{Name: "sk", Type: &btf.Pointer{Target: sock}}}}
	kfunc := &btf.Func{Name: "bpf_sock_example", Type: proto, Tags: []string{"bpf_kfunc", "bpf_fastcall"}}
	other := &btf.Func{Name: "tcp_example", Type: proto}
	header := headerOf(t, specOf(t, other, kfunc))
	if !strings.Contains(header, "extern int bpf_sock_example(struct sock *sk) __weak __ksym __bpf_fastcall;\n") {
		t.Errorf("the kfunc is not declared: %s", header)
	}
	if strings.Contains(header, "tcp_example") {
		t.Error("another function is declared")
	}
	clangtest.Compile(t, header, "-Wall", "-Werror")
	clangtest.Compile(t, header+"int bpf_sock_example(void);", "-DBPF_NO_KFUNC_PROTOTYPES", "-Wall", "-Werror")
}
