// Package core computes CO-RE relocations with the semantics of libbpf (src/relo_core.c), on the types of cilium/ebpf.
package core

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// Kind is what a relocation asks for: enum bpf_core_relo_kind of include/uapi/linux/bpf.h.
type Kind uint32

// The kinds, in the order of the kernel's numbers.
const (
	FieldByteOffset Kind = iota
	FieldByteSize
	FieldExists
	FieldSigned
	FieldLeftShift
	FieldRightShift
	TypeIDLocal
	TypeIDTarget
	TypeExists
	TypeSize
	EnumValueExists
	EnumValue
	TypeMatches
)

func (k Kind) ofField() bool { return k <= FieldRightShift }

func (k Kind) ofEnumValue() bool { return k == EnumValueExists || k == EnumValue }

func (k Kind) ofType() bool { return k >= TypeIDLocal && k <= TypeSize || k == TypeMatches }

// Relocation is a record of an object's .BTF.ext, without the instruction that it is about.
type Relocation struct {
	// Type is the root type, among the object's.
	Type btf.TypeID
	// Access is the path from there: "0:1:2", indices of members and elements behind the first one.
	Access string
	Kind   Kind
}

// Describe names what a relocation looks for: "field task_struct.foo", "type bpf_iter_num".
func (r Relocation) Describe(local *btf.Spec) string {
	unknown := fmt.Sprintf("relocation of kind %d, type %d, path %q", r.Kind, r.Type, r.Access)
	if local == nil {
		return unknown
	}
	root, err := local.TypeByID(r.Type)
	if err != nil {
		return unknown
	}
	root = btf.UnderlyingType(root)
	name := EssentialName(root.TypeName())
	steps := strings.Split(r.Access, ":")
	switch {
	case r.Kind.ofEnumValue():
		return "value " + enumValueName(root, steps[0]) + " of enum " + name
	case len(steps) > 1:
		return "field " + name + fieldPath(root, steps[1:])
	default:
		return "type " + name
	}
}

// fieldPath follows an accessor, which has the index of a member or of an array's element at each step.
func fieldPath(t btf.Type, steps []string) string {
	var path strings.Builder
	for _, step := range steps {
		index, err := strconv.Atoi(step)
		if err != nil {
			return path.String()
		}
		t = btf.UnderlyingType(t)
		if array, isArray := t.(*btf.Array); isArray {
			path.WriteString("[" + step + "]")
			t = array.Type
			continue
		}
		members, _ := membersOf(t)
		if index >= len(members) {
			return path.String()
		}
		if name := members[index].Name; name != "" {
			path.WriteString("." + name)
		}
		t = members[index].Type
	}
	return path.String()
}

func enumValueName(t btf.Type, index string) string {
	enum, isEnum := t.(*btf.Enum)
	i, err := strconv.Atoi(index)
	if !isEnum || err != nil || i >= len(enum.Values) {
		return "#" + index
	}
	return EssentialName(enum.Values[i].Name)
}

// membersOf are those of a struct or a union.
func membersOf(t btf.Type) (members []btf.Member, isComposite bool) {
	switch t := t.(type) {
	case *btf.Struct:
		return t.Members, true
	case *btf.Union:
		return t.Members, true
	}
	return nil, false
}

// EssentialName leaves out the flavour of a name, which CO-RE ignores: what stands behind the last three underscores that
// have another character on either side.
func EssentialName(name string) string {
	for i := len(name) - 5; i >= 0; i-- {
		if name[i] != '_' && name[i+1:i+4] == "___" && name[i+4] != '_' {
			return name[:i+1]
		}
	}
	return name
}
