package core_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/clangtest"
	"crossbpf/agent/core"
	"crossbpf/agent/object"
	"crossbpf/agent/object/code"
)

// targets stands for a kernel with one module.
type targets struct{ kernel, module *btf.Spec }

func (t targets) Kernel() (*btf.Spec, error) { return t.kernel, nil }

func (t targets) Modules() ([]string, error) {
	if t.module == nil {
		return nil, errors.New("no modules")
	}
	return []string{"some"}, nil
}

func (t targets) Module(string) (*btf.Spec, error) { return t.module, nil }

const header = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#define CORE __attribute__((preserve_access_index))
`

func types(t *testing.T, source string) *btf.Spec {
	t.Helper()
	found, err := btf.LoadSpecFromReader(bytes.NewReader(clangtest.Compile(t, source)))
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// relocate applies each relocation of an object and describes by function what came of it: an instruction as opcode,
// offset and number, "poison", or an error.
func relocate(t *testing.T, source string, kernel targets) map[string][]string {
	t.Helper()
	file, err := object.Parse(clangtest.Compile(t, header+source))
	if err != nil {
		t.Fatal(err)
	}
	resolver := core.NewResolver(file.Spec.Types, kernel, binary.LittleEndian)
	said := make(map[string][]string)
	for _, relocation := range file.Code.Relocations {
		name := relocation.Function.Name
		said[name] = append(said[name], outcome(resolver, relocation))
	}
	return said
}

func outcome(resolver *core.Resolver, relocation code.Relocation) string {
	result, err := resolver.Resolve(relocation.Relocation)
	if err != nil {
		return "error: " + err.Error()
	}
	if result.Own {
		return "own"
	}
	patched := bytes.Clone(relocation.Function.Code[relocation.At*8:])
	poisoned, err := result.Patch(patched, binary.LittleEndian)
	switch {
	case err != nil:
		return "error: " + err.Error()
	case poisoned:
		if halves := patched[0] == 0x85 && patched[8] == 0x85; relocation.Function.Code[relocation.At*8] == 0x18 && halves {
			return "poison twice"
		}
		return "poison"
	case patched[0] == 0x18:
		high := uint64(binary.LittleEndian.Uint32(patched[12:]))
		return fmt.Sprint(int64(high<<32 | uint64(binary.LittleEndian.Uint32(patched[4:]))))
	case patched[0]&7 == 7 || patched[0]&7 == 4:
		return fmt.Sprint(int32(binary.LittleEndian.Uint32(patched[4:])))
	}
	return fmt.Sprintf("%02x at %d", patched[0], int16(binary.LittleEndian.Uint16(patched[2:])))
}

const localSource = `
struct buffer { __u64 len; __u32 wide; long gone; int sign; __u32 *pointer; __u8 odd; __u32 array[4]; struct { __u32 deep; }; } CORE;
struct flags { unsigned first : 3; unsigned second : 5; int third : 7; } CORE;
struct gone { int x; } CORE;
struct flavoured___ours { int field; } CORE;
struct in_module { __u64 field; } CORE;
struct signs { long small; } CORE;
enum colour { RED = 1, GREEN = 2, GONE = 3 };
typedef int (*function_type)(int, char);
struct matching { int a; struct inner { int b; } *inner; };
struct differing { long a; };
union variant { int x; long y; } CORE;
#define F(name, type, expression) SEC("socket") long name(struct type *s) { return expression; }
F(narrower, buffer, s->len)
F(wider, buffer, s->wide)
F(absent, buffer, s->gone)
F(of_another_sign, signs, s->small)
F(pointer, buffer, (long)s->pointer)
F(odd, buffer, s->odd)
F(element, buffer, s->array[2])
F(deep, buffer, s->deep)
SEC("socket") int written(struct buffer *s) { s->wide = 5; return 0; }
F(flavoured, flavoured___ours, s->field)
F(from_module, in_module, s->field)
F(exists, buffer, bpf_core_field_exists(s->sign))
F(exists_not, buffer, bpf_core_field_exists(s->gone))
F(size, buffer, bpf_core_field_size(s->len))
F(offset, buffer, bpf_core_field_offset(s->sign))
F(offset_absent, buffer, bpf_core_field_offset(s->gone))
F(is_signed, buffer, __builtin_preserve_field_info(s->sign, BPF_FIELD_SIGNED))
F(left, flags, __builtin_preserve_field_info(s->second, BPF_FIELD_LSHIFT_U64))
F(right, flags, __builtin_preserve_field_info(s->second, BPF_FIELD_RSHIFT_U64))
F(type_exists, buffer, bpf_core_type_exists(struct buffer))
F(type_exists_not, buffer, bpf_core_type_exists(struct gone))
F(type_size, buffer, bpf_core_type_size(struct flags))
F(type_size_absent, buffer, bpf_core_type_size(struct gone))
F(type_id_absent, buffer, bpf_core_type_id_kernel(struct gone))
F(type_id_own, buffer, bpf_core_type_id_local(struct gone))
F(type_matches, buffer, bpf_core_type_matches(struct matching))
F(type_differs, buffer, bpf_core_type_matches(struct differing))
F(function, buffer, bpf_core_type_exists(function_type))
F(value, buffer, bpf_core_enum_value(enum colour, GREEN))
F(value_absent, buffer, bpf_core_enum_value(enum colour, GONE))
F(value_exists, buffer, bpf_core_enum_value_exists(enum colour, RED))
F(value_exists_not, buffer, bpf_core_enum_value_exists(enum colour, GONE))
SEC("socket") long variant(union variant *s) { return s->y; }
`

const targetSource = `
typedef unsigned int u32; typedef unsigned long u64;
struct buffer { long first; u32 len; u64 wide; long other; unsigned short sign; u32 *pointer; unsigned char odd[3]; u32 array[4]; union { int other2; struct { long more; u32 deep; }; }; };
struct flags { long before; unsigned zero : 1; unsigned first : 3; unsigned second : 9; int third : 7; };
struct flavoured { int before; int field; };
struct signs { int small; };
enum colour { RED = 10, GREEN = 20 };
typedef int (*function_type)(int, unsigned char);
struct inner { long b; };
struct matching { long before; int a; struct inner *inner; };
struct differing { int a; };
union variant { long y; };
struct all { struct buffer b; struct flags f; struct flavoured v; struct signs s; enum colour c; function_type t; struct matching m;
	struct differing d; union variant w; };
int use(struct all *a) { return a->b.len; }
`

const moduleSource = `struct in_module { int a, b; unsigned int field; }; int use(struct in_module *m) { return m->field; }`

func TestEachKindOfRelocation(t *testing.T) {
	got := relocate(t, localSource, targets{types(t, targetSource), types(t, moduleSource)})
	for name, want := range map[string]string{
		"narrower":         "61 at 8",  // 32 bits
		"wider":            "79 at 16", // 64 bits
		"absent":           "poison",
		"of_another_sign":  "poison", // a narrower signed number has another value when it is loaded without its sign
		"pointer":          "79 at 40",
		"odd":              "poison", // a byte is not an array
		"element":          "61 at 60",
		"deep":             "61 at 80",
		"written":          "7b at 16",
		"flavoured":        "61 at 4",
		"from_module":      "61 at 8",
		"exists":           "1",
		"exists_not":       "0",
		"size":             "4",
		"offset":           "32",
		"offset_absent":    "poison",
		"is_signed":        "0",
		"left":             "51",
		"right":            "55",
		"type_exists":      "1",
		"type_exists_not":  "0",
		"type_size":        "16",
		"type_size_absent": "0",
		"type_id_absent":   "0",
		"type_id_own":      "own",
		"type_matches":     "1",
		"type_differs":     "0",
		"function":         "1",
		"value":            "20",
		"value_absent":     "poison twice",
		"value_exists":     "1",
		"value_exists_not": "0",
		"variant":          "79 at 0",
	} {
		if len(got[name]) != 1 || got[name][0] != want {
			t.Errorf("%s: %q, not %s", name, got[name], want)
		}
	}
}

func TestTypesOfOneNameHaveToAgree(t *testing.T) {
	kernel := types(t, `
struct twice { int a; int field; };
struct twice___2 { long a; int field; };
struct same { int a; int field; int unlike; };
struct same___2 { long field0; int unlike; };
struct same___3 { int b; int field; };
int use(struct twice *a, struct twice___2 *b, struct same *c, struct same___2 *d, struct same___3 *e)
	{ return a->a + b->a + c->a + d->unlike + e->b; }`)
	got := relocate(t, `
struct twice { int field; } CORE;
struct same { int field; int unlike; } CORE;
SEC("socket") int ambiguous(struct twice *s) { return s->field; }
SEC("socket") int agreed(struct same *s) { return s->field; }
SEC("socket") int remembered(struct same *s) { return s->unlike; }`, targets{kernel: kernel})
	if said := got["ambiguous"]; len(said) != 1 || said[0] != "error: field twice.field: field offset ambiguity: 64 != 32" &&
		said[0] != "error: field twice.field: field offset ambiguity: 32 != 64" {
		t.Errorf("%q", said)
	}
	if said := got["agreed"]; len(said) != 1 || said[0] != "61 at 4" {
		t.Errorf("%q", said)
	}
	// Those without the field that was looked for first are not asked again, as for libbpf.
	if said := got["remembered"]; len(said) != 1 || said[0] != "61 at 8" {
		t.Errorf("%q", said)
	}
}

func TestAnInstructionThatDoesNotFitIsAnError(t *testing.T) {
	kernel := targets{kernel: types(t, targetSource)}
	file, err := object.Parse(clangtest.Compile(t, header+`
struct buffer { __u64 len; } CORE;
SEC("socket") long read(struct buffer *s) { return s->len; }`))
	if err != nil {
		t.Fatal(err)
	}
	result, err := core.NewResolver(file.Spec.Types, kernel, binary.LittleEndian).Resolve(file.Code.Relocations[0].Relocation)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		insn []byte
		want string
	}{
		{[]byte{0x79, 0, 3, 0, 0, 0, 0, 0}, "the instruction holds 3, not 0, which was to become 8"},
		{[]byte{0x71, 0, 0, 0, 0, 0, 0, 0}, "an access of another size than the field's, 8 bytes"},
		{[]byte{0x95, 0, 0, 0, 0, 0, 0, 0}, "cannot be relocated"},
		{[]byte{0xbf, 0, 0, 0, 0, 0, 0, 0}, "cannot be relocated"},
		{[]byte{0x18, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0}, "in an unexpected form"},
	} {
		if _, err := result.Patch(c.insn, binary.LittleEndian); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("% x: %v", c.insn, err)
		}
	}
}

func TestNamesWithoutTheirFlavours(t *testing.T) {
	for name, want := range map[string]string{
		"sample": "sample", "sample___ours": "sample", "a___b___c": "a___b", "___ours": "___ours", "sample___": "sample___",
		"a____b": "a____b", "": "",
	} {
		if got := core.EssentialName(name); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
}
