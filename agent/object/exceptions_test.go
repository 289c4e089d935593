package object

import (
	"slices"
	"testing"

	"github.com/cilium/ebpf/asm"

	"crossbpf/agent/clangtest"
)

func TestAnExceptionCallbackIsPartOfItsProgram(t *testing.T) {
	file, err := Parse(clangtest.Compile(t, `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#define callback(name) __attribute__((btf_decl_tag("exception_callback:" #name)))
extern void bpf_throw(__u64 cookie) __ksym;
static __attribute__((noinline)) int inner(__u64 cookie) { return cookie * 3; }
__attribute__((noinline)) int handler(__u64 cookie) { return inner(cookie) + 1; }
__attribute__((noinline)) int other(__u64 cookie) { return cookie + 5; }
SEC("tc") callback(handler) int throws(void *ctx) { bpf_throw(other(1)); return 0; }
SEC("tc") int plain(void *ctx) { bpf_throw(other(1)); return 0; }
char _license[] SEC("license") = "GPL";`))
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]string{
		"throws": {"throws", "other", "handler", "inner"}, "plain": {"plain", "other"},
	} {
		program := file.Spec.Programs[name]
		var functions []string
		calls := 0
		for _, instruction := range program.Instructions {
			if symbol := instruction.Symbol(); symbol != "" {
				functions = append(functions, symbol)
			}
			if instruction.IsFunctionCall() && instruction.Reference() == "handler" {
				calls++
			}
		}
		if !slices.Equal(functions, want) || calls != 0 {
			t.Errorf("%s: %q, %d calls of the handler", name, functions, calls)
		}
		main := file.Code.Functions[name]
		last := main.Code[len(main.Code)-8]
		if asm.OpCode(last).JumpOp() != asm.Exit {
			t.Errorf("%s ends with %#x", name, last)
		}
	}
}
