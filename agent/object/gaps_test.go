package object

import (
	"bytes"
	"debug/elf"
	"testing"

	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/clangtest"
)

const gapSource = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct point { int x; } __attribute__((preserve_access_index));
struct line { int y; } __attribute__((preserve_access_index));
__noinline int left_behind(struct point *p) {
	return p->x
		+ 5;
}
__noinline int kept(struct line *l) {
	return l->y
		+ 7;
}
SEC("socket") int program(void *ctx) { return kept(ctx); }
char _license[] SEC("license") = "GPL";
`

// leaveBehind makes the symbol of a function one that is none, as a linker does with a weak function which another took the
// place of.
func leaveBehind(t *testing.T, data []byte, name string) []byte {
	t.Helper()
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	symbols, err := file.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	changed := bytes.Clone(data)
	for number, symbol := range symbols {
		if symbol.Name == name {
			table := file.SectionByType(elf.SHT_SYMTAB)
			changed[table.Offset+uint64(number+1)*elf.Sym64Size+4] = elf.ST_INFO(elf.STB_LOCAL, elf.STT_NOTYPE)
			return changed
		}
	}
	t.Fatalf("no symbol %s", name)
	return nil
}

func TestInstructionsOfNoFunctionShiftNothing(t *testing.T) {
	file, err := Parse(leaveBehind(t, clangtest.Compile(t, gapSource), "left_behind"))
	if err != nil {
		t.Fatal(err)
	}
	if len(file.Code.Relocations) != 1 || file.Code.Relocations[0].Function.Name != "kept" || file.Code.Relocations[0].At != 0 {
		t.Errorf("relocations %+v", file.Code.Relocations)
	}
	var lines []uint32
	var function *btf.Func
	isInside := false
	for _, instruction := range file.Spec.Programs["program"].Instructions {
		isInside = isInside || instruction.Symbol() == "kept"
		if !isInside {
			continue
		}
		if found := btf.FuncMetadata(&instruction); found != nil {
			function = found
		}
		if line, isLine := instruction.Source().(*btf.Line); isLine {
			lines = append(lines, line.LineNumber())
		}
	}
	if function == nil || function.Name != "kept" {
		t.Errorf("function %v", function)
	}
	for _, line := range lines {
		if line < 10 || line > 13 {
			t.Errorf("lines %v", lines)
		}
	}
	if len(lines) == 0 {
		t.Error("no lines")
	}
}
