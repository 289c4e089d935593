package loader

import (
	"bufio"
	"strings"
	"testing"

	"github.com/cilium/ebpf/asm"

	"crossbpf/agent/clangtest"
	"crossbpf/agent/object"
	"crossbpf/agent/protocol"
)

// sourceOfFunctions has a call of the same helper in each function, on a line that says which function it is.
const sourceOfFunctions = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } counts SEC(".maps");
static __attribute__((noinline)) __u64 deepest(__u32 *key) {
	if (bpf_map_lookup_elem(&counts, key)) return 1;
	return bpf_get_prandom_u32(); // deepest
}
static __attribute__((noinline)) __u64 another(__u32 *key) {
	if (bpf_map_lookup_elem(&counts, key)) return 2;
	return bpf_get_prandom_u32() + deepest(key); // another
}
static __attribute__((noinline)) __u64 before_it(__u32 *key) {
	if (bpf_map_lookup_elem(&counts, key)) return 3;
	return bpf_get_prandom_u32() + 1; // before_it
}
SEC("socket") int main_program(void *ctx) {
	__u32 key = bpf_get_prandom_u32(); // main_program
	return another(&key) + before_it(&key);
}
SEC("socket") int other_program(void *ctx) { return bpf_get_prandom_u32(); } // other_program
char _license[] SEC("license") = "GPL";
`

func TestSourceOfEachFunction(t *testing.T) {
	program := parse(t, sourceOfFunctions).Programs["main_program"].Instructions
	seen := map[string]bool{}
	for i := program.Iterate(); i.Next(); {
		if !i.Ins.IsBuiltinCall() || i.Ins.Constant != int64(asm.FnGetPrandomU32) {
			continue
		}
		source := sourceOf(program, &blame{insn: int(i.Offset)})
		if source == nil || source.At == nil || source.Insn != int(i.Offset) {
			t.Fatalf("instruction %d: %+v", i.Offset, source)
		}
		if text := lineOf(t, source.At.Line); text != source.At.Text || !strings.HasSuffix(text, "// "+source.Function) {
			t.Errorf("instruction %d of %s: line %d is %q, not %q", i.Offset, source.Function, source.At.Line, text, source.At.Text)
		}
		if column := int(source.At.Column); column != 1+strings.Index(source.At.Text, "bpf_get") {
			t.Errorf("instruction %d: column %d of %q", i.Offset, column, source.At.Text)
		}
		if !strings.HasSuffix(source.At.File, "/test.bpf.c") {
			t.Errorf("file %q", source.At.File)
		}
		seen[source.Function] = true
	}
	if len(seen) != 4 || seen["other_program"] {
		t.Error(seen)
	}
}

func lineOf(t *testing.T, number uint32) string {
	t.Helper()
	lines := bufio.NewScanner(strings.NewReader(sourceOfFunctions))
	for range number {
		if !lines.Scan() {
			t.Fatalf("no line %d", number)
		}
	}
	return lines.Text()
}

func TestSourceOfAFunction(t *testing.T) {
	program := parse(t, sourceOfFunctions).Programs["main_program"].Instructions
	source := sourceOf(program, &blame{function: "deepest"})
	if source == nil || source.Function != "deepest" || !strings.Contains(source.At.Text, "deepest(__u32 *key) {") {
		t.Fatalf("%+v", source)
	}
	if source := sourceOf(program, &blame{function: "other_program"}); source != nil {
		t.Errorf("of a function that is not in the program: %+v", source)
	}
}

func TestSourceOfAnInstruction(t *testing.T) {
	load := asm.LoadMapPtr(asm.R1, 0)
	program := asm.Instructions{asm.Mov.Imm(asm.R0, 0), load, asm.Return()}
	for insn, want := range map[int]*protocol.Source{0: {Insn: 0}, 1: {Insn: 1}, 2: {Insn: 1}, 3: {Insn: 3}, 4: nil} {
		got := sourceOf(program, &blame{insn: insn})
		if (got == nil) != (want == nil) || got != nil && *got != *want {
			t.Errorf("instruction %d: %+v", insn, got)
		}
	}
}

func TestAnObjectWithoutLines(t *testing.T) {
	const source = "__attribute__((section(\"socket\"))) int plain(void *ctx) { return 0; }"
	file, err := object.Parse(clangtest.Compile(t, source, "-g0"))
	if err != nil {
		t.Fatal(err)
	}
	got := sourceOf(file.Spec.Programs["plain"].Instructions, &blame{insn: 1})
	if got == nil || *got != (protocol.Source{Insn: 1, Function: "plain"}) {
		t.Errorf("%+v", got)
	}
}
