package loader

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

// poisonedRelocations describes the CO-RE relocations of a program that find no target among the kernel's types. The
// loader makes an invalid instruction of each, which the verifier rejects when it comes by.
func poisonedRelocations(program *ebpf.ProgramSpec, local *btf.Spec, targets []*btf.Spec) []string {
	var relocations []*btf.CORERelocation
	for i := range program.Instructions {
		if relocation := btf.CORERelocationMetadata(&program.Instructions[i]); relocation != nil {
			relocations = append(relocations, relocation)
		}
	}
	anyID := func(btf.Type) (btf.TypeID, error) { return 0, nil }
	fixups, err := btf.CORERelocate(relocations, targets, program.ByteOrder, anyID)
	if err != nil {
		return nil
	}
	var missing []string
	for i := range fixups {
		if !strings.HasSuffix(fixups[i].String(), "=poison") {
			continue
		}
		if name := DescribeRelocation(relocations[i].String(), local); !slices.Contains(missing, name) {
			missing = append(missing, name)
		}
	}
	return missing
}

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
	target, err := local.TypeByID(btf.TypeID(id))
	if err != nil {
		return text
	}
	target = btf.UnderlyingType(target)
	name := essentialName(target.TypeName())
	accessor := strings.Split(match[2], ":")
	switch kind := match[1]; {
	case strings.HasPrefix(kind, "enumval_"):
		return "value " + enumValue(target, accessor[0]) + " of enum " + name
	case len(accessor) > 1:
		return "field " + name + fieldPath(target, accessor[1:])
	default:
		return "type " + name
	}
}

// fieldPath follows an accessor, which has the index of a member or of an array's element at each step.
func fieldPath(t btf.Type, accessor []string) string {
	var path strings.Builder
	for _, step := range accessor {
		index, err := strconv.Atoi(step)
		if err != nil {
			return path.String()
		}
		switch composite := btf.UnderlyingType(t).(type) {
		case *btf.Struct:
			t = appendMember(&path, composite.Members, index)
		case *btf.Union:
			t = appendMember(&path, composite.Members, index)
		case *btf.Array:
			path.WriteString("[" + step + "]")
			t = composite.Type
		default:
			return path.String()
		}
		if t == nil {
			return path.String()
		}
	}
	return path.String()
}

func appendMember(path *strings.Builder, members []btf.Member, index int) btf.Type {
	if index >= len(members) {
		return nil
	}
	if name := members[index].Name; name != "" {
		path.WriteString("." + name)
	}
	return members[index].Type
}

func enumValue(t btf.Type, index string) string {
	enum, isEnum := t.(*btf.Enum)
	i, err := strconv.Atoi(index)
	if !isEnum || err != nil || i >= len(enum.Values) {
		return "#" + index
	}
	return essentialName(enum.Values[i].Name)
}

// essentialName leaves out what stands behind three underscores, the flavour of a type, which CO-RE ignores.
func essentialName(name string) string {
	if i := strings.LastIndex(name, "___"); i > 0 {
		return name[:i]
	}
	return name
}
