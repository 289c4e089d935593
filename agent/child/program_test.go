package child

import (
	"bytes"
	"debug/elf"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"
)

var triples = map[string]string{"amd64": "x86_64-linux-gnu", "arm64": "aarch64-linux-gnu", "s390x": "s390x-linux-gnu"}

// assemble returns the instructions of a source.
func assemble(t *testing.T, arch string) []byte {
	t.Helper()
	output := filepath.Join(t.TempDir(), "child.o")
	command := exec.Command("clang-19", "-target", triples[arch], "-c", "testdata/"+arch+".s", "-o", output)
	if message, err := command.CombinedOutput(); err != nil {
		t.Fatalf("clang-19: %v\n%s", err, message)
	}
	file, err := elf.Open(output)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	text, err := file.Section(".text").Data()
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestProgramsAreTheirSources(t *testing.T) {
	for arch := range codes {
		t.Run(arch, func(t *testing.T) {
			data, err := program(arch)
			if err != nil {
				t.Fatal(err)
			}
			file, err := elf.NewFile(bytes.NewReader(data))
			if err != nil {
				t.Fatal(err)
			}
			section := file.Section(".text")
			text, err := section.Data()
			if want := assemble(t, arch); err != nil || !bytes.Equal(text, want) {
				t.Errorf("%x\nwant %x, %v", text, want, err)
			}
			if file.Entry != section.Addr || file.Progs[0].Vaddr+section.Offset != section.Addr {
				t.Errorf("entry %#x, text at %#x", file.Entry, section.Addr)
			}
			symbols, err := file.Symbols()
			if err != nil || len(symbols) != 1 || symbols[0].Name != Symbol || symbols[0].Value+symbols[0].Size != section.Addr+section.Size {
				t.Errorf("%+v, %v", symbols, err)
			}
		})
	}
}

func TestTheProgramWaitsForItsInput(t *testing.T) {
	data, err := Program()
	if err != nil {
		t.Skip(err)
	}
	if runtime.GOOS != "linux" {
		t.Skip("the program is for Linux")
	}
	path := filepath.Join(t.TempDir(), "child")
	if err := os.WriteFile(path, data, 0o755); err != nil {
		t.Fatal(err)
	}
	command := exec.Command(path)
	input, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(input, "x"); err != nil {
		t.Error(err)
	}
	if err := command.Wait(); err != nil {
		t.Error(err)
	}
}

func TestAnArchitectureWithoutAProgram(t *testing.T) {
	if _, err := program("mips"); err == nil {
		t.Error("no error")
	}
}
