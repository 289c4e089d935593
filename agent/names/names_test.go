package names

import (
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
)

// header is the kernel's own, of whatever version is installed.
func header(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/usr/include/linux/bpf.h")
	if err != nil {
		t.Fatalf("the kernel's headers are needed (linux-libc-dev): %v", err)
	}
	return string(text)
}

func TestHelpersAreNamedAsInTheHeader(t *testing.T) {
	matches := regexp.MustCompile(`(?m)^\s+FN\((\w+)(?:, \d+, ##ctx)?\)`).FindAllStringSubmatch(header(t), -1)
	if len(matches) < 200 {
		t.Fatalf("found only %d helpers in the header", len(matches))
	}
	for number, match := range matches {
		if name := Helper(asm.BuiltinFunc(number)); name != "bpf_"+match[1] {
			t.Errorf("helper %d: %s, in the header bpf_%s", number, name, match[1])
		}
	}
}

func TestUnknownHelperHasItsNumber(t *testing.T) {
	if name := Helper(asm.BuiltinFunc(195896080)); name != "helper#195896080" {
		t.Error(name)
	}
}

// enumerators returns the names of an enumeration of the header by their order, where none has a value of its own.
func enumerators(t *testing.T, enumeration string) []string {
	t.Helper()
	_, body, found := strings.Cut(header(t), "enum "+enumeration+" {")
	if !found {
		t.Fatalf("no enum %s in the header", enumeration)
	}
	body, _, _ = strings.Cut(body, "};")
	body = regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(body, "")
	var list []string
	for part := range strings.SplitSeq(body, ",") {
		part = strings.TrimSpace(part)
		if part != "" && !strings.Contains(part, "=") && !strings.HasPrefix(part, "__") {
			list = append(list, strings.ToLower(strings.TrimPrefix(part, "BPF_")))
		}
	}
	return list
}

func TestEnumerationsAreNamedAsInTheHeader(t *testing.T) {
	for number, name := range enumerators(t, "bpf_prog_type") {
		if own := "prog_type_" + ProgramType(ebpf.ProgramType(number)); own != name {
			t.Errorf("program type %d: %s, in the header %s", number, own, name)
		}
	}
	for number, name := range enumerators(t, "bpf_map_type") {
		if own := "map_type_" + MapType(ebpf.MapType(number)); own != name {
			t.Errorf("map type %d: %s, in the header %s", number, own, name)
		}
	}
	for number, name := range enumerators(t, "bpf_attach_type") {
		if own := AttachType(ebpf.AttachType(number), ebpf.CGroupSKB); own != name {
			t.Errorf("attach type %d: %s, in the header %s", number, own, name)
		}
	}
}

func TestAttachTypeZeroIsNoneForMostPrograms(t *testing.T) {
	if name := AttachType(0, ebpf.Kprobe); name != "" {
		t.Error(name)
	}
}
