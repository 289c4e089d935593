package vmlinux

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/clangtest"
	"crossbpf/agent/portability"
)

// TestKernels compares whole kernels with what clang makes of their headers. CROSSBPF_TYPES names kernels, with colons
// between them; test/e2e/vmlinux.test.ts does.
func TestKernels(t *testing.T) {
	files := os.Getenv("CROSSBPF_TYPES")
	if files == "" {
		t.Skip("CROSSBPF_TYPES names no kernels")
	}
	for _, file := range strings.Split(files, ":") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			types, err := portability.LoadTypes(file)
			if err != nil {
				t.Fatal(err)
			}
			if compared := compareWithClang(t, types, "-O0", "-Wall", "-Werror"); compared < 5000 {
				t.Errorf("only %d types were compared", compared)
			}
		})
	}
}

// compareWithClang compiles the header of the types with a variable of each struct and union, and says how many of them
// clang was asked for. The test fails where one is another for clang than the types say.
func compareWithClang(t *testing.T, types *btf.Spec, flags ...string) int {
	t.Helper()
	w := newWriter()
	if err := w.write(types); err != nil {
		t.Fatal(err)
	}
	var source bytes.Buffer
	source.Write(w.out.Bytes())
	var wanted []btf.Type
	for each, err := range types.All() {
		if err != nil {
			t.Fatal(err)
		}
		declared := ""
		switch each := each.(type) {
		case *btf.Struct, *btf.Union:
			if each.TypeName() != "" {
				declared = w.tag(each)
			}
		case *btf.Typedef:
			members, _ := membersOf(each.Type)
			if members != nil && each.Type.TypeName() == "" {
				declared = w.typedefName(each)
			}
		}
		if declared != "" {
			fmt.Fprintf(&source, "%s crossbpf_variable_%d;\n", declared, len(wanted))
			wanted = append(wanted, each)
		}
	}
	compiled, err := btf.LoadSpecFromReader(bytes.NewReader(clangtest.Compile(t, source.String(), flags...)))
	if err != nil {
		t.Fatal(err)
	}
	for i, each := range wanted {
		var variable *btf.Var
		if err := compiled.TypeByName(fmt.Sprintf("crossbpf_variable_%d", i), &variable); err != nil {
			t.Fatal(err)
		}
		if difference := differenceOf(each, variable.Type); difference != "" {
			t.Errorf("%v: %s", each, difference)
		}
	}
	t.Logf("%d structs, unions and typedefs of them", len(wanted))
	return len(wanted)
}

// differenceOf says how two structs or unions differ in memory; empty for not at all.
func differenceOf(wanted, got btf.Type) string {
	wanted, got = underlying(wanted), underlying(got)
	members, size := membersOf(wanted)
	gotMembers, gotSize := membersOf(got)
	if size != gotSize || len(members) != len(gotMembers) {
		return fmt.Sprintf("%d members in %d bytes, not %d in %d", len(gotMembers), gotSize, len(members), size)
	}
	for i, member := range members {
		other := gotMembers[i]
		if member.Name != other.Name || member.Offset != other.Offset || member.BitfieldSize != other.BitfieldSize {
			return fmt.Sprintf("%s is at bit %d with %d, not %s at %d with %d",
				other.Name, other.Offset, other.BitfieldSize, member.Name, member.Offset, member.BitfieldSize)
		}
		if sizeOf(member.Type) != sizeOf(other.Type) {
			return fmt.Sprintf("%s has %d bytes, not %d", member.Name, sizeOf(other.Type), sizeOf(member.Type))
		}
		if inner, _ := membersOf(underlying(member.Type)); inner != nil && underlying(member.Type).TypeName() == "" {
			if difference := differenceOf(member.Type, other.Type); difference != "" {
				return member.Name + ": " + difference
			}
		}
	}
	return ""
}
