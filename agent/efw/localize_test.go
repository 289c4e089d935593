package efw

import (
	"bytes"
	"debug/elf"
	"fmt"
	"math/rand/v2"
	"testing"

	"crossbpf/agent/clangtest"
	"crossbpf/agent/object"
)

const variables = `
typedef unsigned long long u64;
u64 zeroes[3], last; u64 initial = 5, second = 6; static volatile u64 of_this_file; const volatile u64 constant = 7;
__attribute__((noinline)) u64 function(u64 x) { return x + second + zeroes[1]; }
__attribute__((section("xdp"))) int program(void *ctx) { zeroes[2] += initial; of_this_file++; last = function(constant); return last; }
__attribute__((section("bind"))) int other(void *ctx) { return of_this_file; }
`

func instructionsOf(t *testing.T, data []byte) string {
	t.Helper()
	file, err := object.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	return fmt.Sprint(file.Spec.Programs["program"].Instructions, file.Spec.Programs["other"].Instructions)
}

// namedReferences counts relocations of code by the names of symbols of variables.
func namedReferences(t *testing.T, data []byte) int {
	t.Helper()
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	symbols, err := file.Symbols()
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	for _, section := range file.Sections {
		if section.Type != elf.SHT_REL || file.Sections[section.Info].Flags&elf.SHF_EXECINSTR == 0 {
			continue
		}
		entries, _ := section.Data()
		for ; len(entries) >= 16; entries = entries[16:] {
			symbol := symbols[file.ByteOrder.Uint32(entries[12:])-1]
			if elf.ST_TYPE(symbol.Info) == elf.STT_OBJECT {
				count++
			}
		}
	}
	return count
}

func TestLocalizedVariablesAreWhereTheyWere(t *testing.T) {
	data := clangtest.Compile(t, variables, "-ffreestanding")
	if namedReferences(t, data) == 0 {
		t.Fatal("nothing to change")
	}
	made, err := Localize(data)
	if err != nil {
		t.Fatal(err)
	}
	if left := namedReferences(t, made); left != 0 {
		t.Errorf("%d references by name are left", left)
	}
	if before, after := instructionsOf(t, data), instructionsOf(t, made); before != after {
		t.Errorf("%s\nis now\n%s", before, after)
	}
	// The reader of eBPF for Windows wants the headers of sections to end the file (libs/elf_spec/Elf.3d).
	file, _ := elf.NewFile(bytes.NewReader(made))
	if end := file.ByteOrder.Uint64(made[40:]) + uint64(len(file.Sections))*64; end != uint64(len(made)) {
		t.Errorf("the file has %d bytes behind its headers", uint64(len(made))-end)
	}
}

func TestLocalizedTwiceIsTheSame(t *testing.T) {
	once, err := Localize(clangtest.Compile(t, variables, "-ffreestanding"))
	if err != nil {
		t.Fatal(err)
	}
	if twice, err := Localize(once); err != nil || !bytes.Equal(once, twice) {
		t.Errorf("%v", err)
	}
}

func TestLocalizeDamagedObjects(t *testing.T) {
	data := clangtest.Compile(t, variables, "-ffreestanding")
	random := rand.New(rand.NewPCG(5, 6))
	for range 2000 {
		damaged := bytes.Clone(data)
		for range 1 + random.IntN(4) {
			damaged[random.IntN(len(damaged))] = byte(random.UintN(256))
		}
		// It must not panic, whatever it makes of it; the object was parsed before.
		if _, err := object.Parse(damaged); err == nil {
			_, _ = Localize(damaged)
		}
	}
}
