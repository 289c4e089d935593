// Package clangtest compiles BPF programs for tests.
package clangtest

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// Compile compiles C for BPF with the given further flags and returns the object. The test fails where there is no
// clang: the agent's tests need clang-19 and the headers of libbpf-dev.
func Compile(t testing.TB, source string, flags ...string) []byte {
	t.Helper()
	folder := t.TempDir()
	input, output := filepath.Join(folder, "test.bpf.c"), filepath.Join(folder, "test.o")
	if err := os.WriteFile(input, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	arguments := []string{"-O2", "-g", "-target", "bpf", "-mcpu=v3"}
	for _, headers := range []string{"x86_64", "aarch64", "s390x"} {
		arguments = append(arguments, "-idirafter", "/usr/include/"+headers+"-linux-gnu")
	}
	arguments = append(append(arguments, flags...), "-c", input, "-o", output)
	if message, err := exec.Command("clang-19", arguments...).CombinedOutput(); err != nil {
		t.Fatalf("clang-19: %v\n%s", err, message)
	}
	object, err := os.ReadFile(output)
	if err != nil {
		t.Fatal(err)
	}
	return object
}
