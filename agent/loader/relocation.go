package loader

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/core"
)

// absentKfuncs names the functions that a program calls and that are not among the kernel's types.
func absentKfuncs(program *ebpf.ProgramSpec, targets []*btf.Spec) []string {
	var absent []string
	for i := range program.Instructions {
		instruction := &program.Instructions[i]
		if !instruction.IsKfuncCall() || slices.ContainsFunc(targets, func(types *btf.Spec) bool {
			var function *btf.Func
			return types.TypeByName(instruction.Reference(), &function) == nil
		}) {
			continue
		}
		if name := "kfunc " + instruction.Reference(); !slices.Contains(absent, name) {
			absent = append(absent, name)
		}
	}
	return absent
}

// hasNone words what a kernel lacks, the first few of it.
func hasNone(names []string) string {
	const few = 3
	words := "this kernel has no " + strings.Join(names[:min(few, len(names))], ", no ")
	if len(names) > few {
		words += fmt.Sprintf(", %d more", len(names)-few)
	}
	return words
}

// relocationText is how cilium/ebpf writes a relocation, whose parts are not exported.
var relocationText = regexp.MustCompile(`^CORERelocation\((\w+), .*\[([\d:]+)\], local_id=(\d+)\)$`)

// DescribeRelocation says what a relocation looks for: "field task_struct.foo", "type bpf_iter_num".
func DescribeRelocation(text string, local *btf.Spec) string {
	match := relocationText.FindStringSubmatch(text)
	if match == nil || local == nil {
		return text
	}
	id, err := strconv.ParseUint(match[3], 10, 32)
	if err != nil {
		return text
	}
	relocation := core.Relocation{Type: btf.TypeID(id), Access: match[2]}
	switch {
	case strings.HasPrefix(match[1], "enumval_"):
		relocation.Kind = core.EnumValue
	case strings.Contains(match[2], ":"):
		relocation.Kind = core.FieldByteOffset
	default:
		relocation.Kind = core.TypeExists
	}
	return relocation.Describe(local)
}
