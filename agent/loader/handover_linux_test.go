package loader

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"golang.org/x/sys/unix"

	"crossbpf/agent/clangtest"
	"crossbpf/agent/core"
	"crossbpf/agent/object"
)

// oneKernel is a kernel without modules.
type oneKernel struct{ types *btf.Spec }

func (k oneKernel) Kernel() (*btf.Spec, error) { return k.types, nil }

func (k oneKernel) Modules() ([]string, error) { return nil, errors.New("no modules") }

func (k oneKernel) Module(string) (*btf.Spec, error) { return nil, btf.ErrNotFound }

// handing reads an object that is to be loaded on a kernel with the given types.
func handing(t *testing.T, data []byte, kernel string) (*object.File, *handover) {
	t.Helper()
	file, err := object.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	types, err := btf.LoadSpecFromReader(bytes.NewReader(clangtest.Compile(t, kernel)))
	if err != nil {
		t.Fatal(err)
	}
	return file, &handover{
		object: file.Code, resolver: core.NewResolver(file.Spec.Types, oneKernel{types}, file.ByteOrder), order: file.ByteOrder,
		gated: true,
	}
}

// handed is what the kernel gets of a program where the library knows nothing but what it has prepared.
func handed(t *testing.T, h *handover, program *ebpf.ProgramSpec) (bytecode, *exactCode, error) {
	t.Helper()
	prepared, exact, err := h.prepare(program)
	if err != nil {
		return nil, nil, err
	}
	var theirs bytes.Buffer
	if err := prepared.Instructions.Marshal(&theirs, binary.LittleEndian); err != nil {
		t.Fatal(err)
	}
	call := &loadCall{attr: progLoadAttr{insns: addressOf(theirs.Bytes()), insnCnt: uint32(theirs.Len() / insnSize)}}
	if errno := exact.handTo(call); errno != 0 {
		t.Fatal(errno)
	}
	return call.code(), exact, nil
}

func TestWhatAKernelHasNotIsPoisoned(t *testing.T) {
	file, h := handing(t, clangtest.Compile(t, coreSource), kernelSource)
	for program, want := range map[string][]string{
		"present": nil,
		"field":   {"field point.gone"},
		"path":    {"field shape.in.gone[2]"},
		"type":    nil, // the size of a type that is not there is 0
		"value":   {"value ULTRAVIOLET of enum colour"},
		"guarded": nil,
	} {
		_, exact, err := handed(t, h, file.Spec.Programs[program])
		if err != nil {
			t.Errorf("%s: %v", program, err)
			continue
		}
		if got := h.poisoned(exact); !slices.Equal(got, want) {
			t.Errorf("%s: %q", program, got)
		}
	}
}

// Each operation on registers has an offset here, which is reserved or has a meaning.
func TestInstructionsWithoutRelocationsAreTheObjectsOwn(t *testing.T) {
	data := clangtest.Compile(t, `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
SEC("socket") __attribute__((naked)) int each(void) { asm volatile(".rept 40; .quad 0xb7; .endr; r0 = 0; exit;"); }
char _license[] SEC("license") = "GPL";`)
	var all []byte
	for _, operation := range []byte{0x3f, 0x9f, 0x07, 0x0f, 0x84, 0x87, 0xbf, 0xb7, 0xd4, 0xdc, 0xd7, 0xe7, 0xf4} {
		all = append(all, operation, 0x10, 0xff, 0xff, 1, 2, 3, 4)
	}
	all = append(all, 0x85, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)    // helper -1
	all = append(all, 0x85, 0, 0, 0, 0, 0, 0, 0x10)             // helper 1<<28
	all = append(all, 0x8d, 0, 0, 0, 0xff, 0xff, 0xff, 0xff)    // no call
	all = append(all, 0x85, 0x10, 0, 0, 0x10, 0x27, 0, 0)       // a function beyond the end
	all = append(all, 0x18, 0x1c, 2, 0, 9, 0, 0, 0)             // registers that are none
	all = append(all, 0xff, 0xee, 0xdd, 0xcc, 0xff, 0xff, 0, 0) // garbage in the second half
	all = append(all, 0xdb, 0xfe, 2, 0, 0xff, 0xff, 0, 0x70)    // an atomic operation that there is none
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	data = bytes.Clone(data)
	section := data[file.Section("socket").Offset:][:file.Section("socket").Size]
	copy(section, all)
	copy(section[len(section)-8:], []byte{0x18, 0, 0, 0, 1, 0, 0, 0}) // half a load
	want := bytes.Clone(section)

	parsed, h := handing(t, data, kernelSource)
	if len(parsed.Broken) > 0 {
		t.Errorf("the library cannot read it: %v", parsed.Broken)
	}
	got, _, err := handed(t, h, parsed.Spec.Programs["each"])
	if err != nil {
		t.Fatal(err)
	}
	for at := range len(want) / insnSize {
		if at*insnSize >= len(got) || !bytes.Equal(got.at(at), want[at*insnSize:][:insnSize]) {
			t.Errorf("%d: % x, not % x", at, got.at(at), want[at*insnSize:][:insnSize])
		}
	}
	// Without a gate, an instruction that the library would change is not handed over.
	h.gated = false
	if _, _, err := h.prepare(parsed.Spec.Programs["each"]); err == nil || !strings.Contains(err.Error(), "without a seccomp listener") {
		t.Error(err)
	}
}

const callbackSource = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
static __noinline long hidden_static(__u32 i, void *v) { return *(int *)v + 3; }
__hidden __noinline long ok(__u32 i, void *v) { return *(int *)v; }
__hidden __noinline long bad(__u32 i, void *v) { return *(int *)v + 7; }
__noinline long global(__u32 i, int *v) { return v ? *v : 5; }
int values[4] = {1, 2, 3, 4};
SEC("socket") int program(void *ctx) {
	int v = 0;
	bpf_loop(3, bad, &v, 0);
	bpf_loop(3, hidden_static, &v, 0);
	return bad(1, &v) + global(2, &v) + values[v & 3];
}
SEC("socket") int other(void *ctx) { int v = 0; bpf_loop(3, ok, &v, 0); return v; }
char _license[] SEC("license") = "GPL";`

func TestAnAddressIsThatOfTheFunction(t *testing.T) {
	file, h := handing(t, clangtest.Compile(t, callbackSource), kernelSource)
	got, exact, err := handed(t, h, file.Spec.Programs["program"])
	if err != nil {
		t.Fatal(err)
	}
	var order, addresses, calls []string
	for _, part := range exact.parts {
		order = append(order, part.Name)
	}
	for at, one := range got.all() {
		if one.op() == opLoad64 && one.source() == pseudoFunc {
			addresses = append(addresses, partAt(exact, at+1+one.immediate()))
		}
		if one.op() == opCall && one.source() == pseudoCall {
			calls = append(calls, partAt(exact, at+1+one.immediate()))
		}
	}
	if want := []string{"program", "bad", "hidden_static", "global"}; !slices.Equal(order, want) {
		t.Errorf("functions %q", order)
	}
	if want := []string{"bad", "hidden_static"}; !slices.Equal(addresses, want) {
		t.Errorf("addresses %q", addresses)
	}
	if want := []string{"bad", "global"}; !slices.Equal(calls, want) {
		t.Errorf("calls %q", calls)
	}
}

// partAt is the function that begins with an instruction.
func partAt(exact *exactCode, at int) string {
	for _, part := range exact.parts {
		if part.start == at {
			return part.Name
		}
	}
	return "no function"
}

func TestARelocationThatFailsCostsItsProgramsAlone(t *testing.T) {
	file, h := handing(t, clangtest.Compile(t, `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_core_read.h>
#define CORE __attribute__((preserve_access_index))
struct point { int x; } CORE;
struct twice { int field; } CORE;
static __noinline int shared(struct twice *s) { return s->field; }
SEC("socket") int good(struct point *p) { return p->x; }
SEC("socket") int bad(struct twice *s) { return shared(s); }
char _license[] SEC("license") = "GPL";`), `
struct point { long other; int x; };
struct twice { int a, field; };
struct twice___2 { long a; int field; };
int use(struct point *p, struct twice *t, struct twice___2 *u) { return p->x + t->a + u->a; }`)
	if _, _, err := handed(t, h, file.Spec.Programs["good"]); err != nil {
		t.Error(err)
	}
	_, _, err := handed(t, h, file.Spec.Programs["bad"])
	if err == nil || !strings.Contains(err.Error(), "apply CO-RE relocations: field twice.field: field offset ambiguity") {
		t.Error(err)
	}
	if f := diagnose(ownWords(err), file.Spec.Programs["bad"]); f.stage != "relocate" {
		t.Errorf("stage %s", f.stage)
	}
}

// A first instruction that is an invalid one is still where its function begins.
func TestAPoisonedFirstInstructionKeepsItsFunction(t *testing.T) {
	file, h := handing(t, clangtest.Compile(t, `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct point { int gone; } __attribute__((preserve_access_index));
static __noinline int first(struct point *p) { return p->gone; }
SEC("socket") int program(void *ctx) { return first(ctx); }
char _license[] SEC("license") = "GPL";`), kernelSource)
	for _, gated := range []bool{true, false} {
		h.gated = gated
		prepared, exact, err := h.prepare(file.Spec.Programs["program"])
		if err != nil {
			t.Fatal(err)
		}
		start := exact.parts[1].start
		if rawInsn(exact.bytes[start*insnSize:]).immediate() != 195896080 {
			t.Errorf("% x", exact.bytes[start*insnSize:])
		}
		for i := prepared.Instructions.Iterate(); i.Next(); {
			isFirst := int(i.Offset) == start
			if isFirst && (i.Ins.Symbol() != "first" || btf.FuncMetadata(i.Ins) == nil) {
				t.Errorf("gated %v: the function %q is lost", gated, i.Ins.Symbol())
			}
		}
	}
}

func TestProgramsThatAreLoadedTogetherAreKnownByNumber(t *testing.T) {
	file, h := handing(t, clangtest.Compile(t, callbackSource), kernelSource)
	all := &handedAll{}
	var codes [][]byte
	for i, name := range []string{"program", "other"} {
		spec := file.Spec.Programs[name].Copy()
		spec.KernelVersion = uint32(100 + i)
		prepared, exact, err := h.prepare(spec)
		if err != nil {
			t.Fatal(err)
		}
		numbered := all.add(prepared, exact)
		var theirs bytes.Buffer
		if err := numbered.Instructions.Marshal(&theirs, binary.LittleEndian); err != nil {
			t.Fatal(err)
		}
		call := &loadCall{size: 144, attr: progLoadAttr{
			kernVersion: numbered.KernelVersion, logLevel: gatedLevel,
			insns: addressOf(theirs.Bytes()), insnCnt: uint32(theirs.Len() / insnSize),
		}}
		call.theirs = make([]byte, call.size)
		call.kernel = func(attr *progLoadAttr, size uintptr) (int, unix.Errno) {
			if attr.kernVersion != uint32(100+i) || attr.logLevel != levelStats {
				t.Errorf("%s: version %d, log level %d", name, attr.kernVersion, attr.logLevel)
			}
			codes = append(codes, call.code())
			attr.logTrueSize = 77
			return 5, 0
		}
		if fd, errno := all.handle(call); fd != 5 || errno != 0 || binary.NativeEndian.Uint32(call.theirs[140:]) != 77 {
			t.Errorf("%s: %d %v", name, fd, errno)
		}
	}
	for i, code := range codes {
		if &code[0] != &all.exact[i].bytes[0] {
			t.Errorf("program %d was not handed over as it is", i)
		}
	}
	if _, errno := all.handle(&loadCall{}); errno != unix.EPROTO {
		t.Error(errno)
	}
}

const elsewhere = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
__noinline int first(int x) { return x * 2; }
__noinline int second(int x) { return x * 3; }
int before = 1;
int values[4] = {1, 2, 3, 4};
SEC("socket") int calls(void *ctx) { return first(7); }
SEC("socket") int reads(void *ctx) { int *p; asm volatile("%0 = values + 8 ll" : "=r"(p)); return *p; }
SEC("socket") int probes(void *ctx) { long to; bpf_probe_read_kernel(&to, 8, ctx); return to; }
char _license[] SEC("license") = "GPL";`

// addToCall changes what the only call of another function in a program adds to its symbol.
func addToCall(t *testing.T, data []byte, program string, add int) []byte {
	t.Helper()
	parsed, err := object.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	function := parsed.Code.Functions[program]
	changed := bytes.Clone(data)
	start := int(file.Section(function.Section).Offset) + (function.At+function.References[0].At)*insnSize
	binary.LittleEndian.PutUint32(changed[start+4:], uint32(add-1))
	return changed
}

func TestWhatAnInstructionAddsToASymbolCounts(t *testing.T) {
	data := clangtest.Compile(t, elsewhere)
	parsed, _ := handing(t, data, kernelSource)
	distance := parsed.Code.Functions["second"].At - parsed.Code.Functions["first"].At
	file, h := handing(t, addToCall(t, data, "calls", distance), kernelSource)
	_, exact, err := handed(t, h, file.Spec.Programs["calls"])
	if err != nil {
		t.Fatal(err)
	}
	if len(exact.parts) != 2 || exact.parts[1].Name != "second" {
		t.Errorf("%+v", exact.parts)
	}
	// In the midst of a function counts as the function, as for libbpf.
	file, h = handing(t, addToCall(t, data, "calls", distance+1), kernelSource)
	if _, exact, err = handed(t, h, file.Spec.Programs["calls"]); err != nil || exact.parts[1].Name != "second" {
		t.Errorf("%+v %v", exact, err)
	}
	got, _, err := handed(t, h, file.Spec.Programs["reads"])
	if err != nil {
		t.Fatal(err)
	}
	for at, one := range got.all() {
		if one.op() == opLoad64 && got.at(at+1).immediate() != 4+8 {
			t.Errorf("the variable is at %d of its section", got.at(at+1).immediate())
		}
	}
}

func TestACallOfNoFunctionIsForTheVerifier(t *testing.T) {
	file, h := handing(t, addToCall(t, clangtest.Compile(t, elsewhere), "calls", 1000), kernelSource)
	got, _, err := handed(t, h, file.Spec.Programs["calls"])
	if err != nil {
		t.Fatal(err)
	}
	isCalled := false
	for _, one := range got.all() {
		isCalled = isCalled || one.op() == opCall && one.source() == pseudoCall && one.immediate() == 999
	}
	if !isCalled {
		t.Errorf("% x", []byte(got))
	}
}

func TestHelpersThatAnOldKernelDoesNotHaveAreReplaced(t *testing.T) {
	file, h := handing(t, clangtest.Compile(t, elsewhere), kernelSource)
	for _, isOld := range []bool{false, true} {
		h.oldProbes = isOld
		_, exact, err := handed(t, h, file.Spec.Programs["probes"])
		if err != nil {
			t.Fatal(err)
		}
		theirs := bytes.Clone(exact.bytes)
		for at, one := range bytecode(theirs).all() {
			if one.op() == opCall {
				theirs[at*insnSize+4] = 4 // bpf_probe_read
			}
		}
		exact.handTo(&loadCall{attr: progLoadAttr{insns: addressOf(theirs), insnCnt: uint32(len(theirs) / insnSize)}})
		if isSame := bytes.Equal(theirs, exact.bytes); isSame != isOld {
			t.Errorf("on an old kernel %v: % x", isOld, exact.bytes)
		}
	}
}
