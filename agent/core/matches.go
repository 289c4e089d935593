package core

import "github.com/cilium/ebpf/btf"

// matcher compares types down to their members: __bpf_core_types_match.
type matcher struct {
	behindPointer bool
	level         int
}

func (m matcher) deeper() matcher { return matcher{m.behindPointer, m.level - 1} }

// namesMatch compares names without their flavours.
func namesMatch(local, target string) bool { return EssentialName(local) == EssentialName(target) }

func (m matcher) match(local, target btf.Type) (bool, error) {
	if m.level <= 0 {
		return false, errTooNested
	}
	for range deepest {
		local, target = btf.UnderlyingType(local), btf.UnderlyingType(target)
		if !namesMatch(local.TypeName(), target.TypeName()) {
			return false, nil
		}
		switch l := local.(type) {
		case *btf.Void:
			return sameKind(local, target), nil
		case *btf.Int:
			t, isInt := target.(*btf.Int)
			return isInt && l.Size == t.Size && l.Encoding&btf.Signed == t.Encoding&btf.Signed, nil
		case *btf.Fwd:
			return m.matchForward(l, target), nil
		case *btf.Enum:
			t, isEnum := target.(*btf.Enum)
			return isEnum && enumsMatch(l, t), nil
		case *btf.Struct, *btf.Union:
			return m.matchComposites(local, target)
		}
		if !sameKind(local, target) {
			return false, nil
		}
		switch l := local.(type) {
		case *btf.Pointer:
			m.behindPointer = true
			local, target = l.Target, target.(*btf.Pointer).Target
		case *btf.Array:
			t := target.(*btf.Array)
			if l.Nelems != t.Nelems {
				return false, nil
			}
			local, target = l.Type, t.Type
		case *btf.FuncProto:
			t := target.(*btf.FuncProto)
			if same, err := m.matchParameters(l.Params, t.Params); !same || err != nil {
				return false, err
			}
			local, target = l.Return, t.Return
		default:
			return false, nil
		}
	}
	return false, errTooNested
}

// matchForward compares a type that is only declared. Behind a pointer, it may be the declaration of the other.
func (m matcher) matchForward(local *btf.Fwd, target btf.Type) bool {
	switch t := target.(type) {
	case *btf.Fwd:
		return local.Kind == t.Kind
	case *btf.Struct:
		return m.behindPointer && local.Kind == btf.FwdStruct
	case *btf.Union:
		return m.behindPointer && local.Kind == btf.FwdUnion
	}
	return false
}

// matchComposites compares structs or unions: of those behind a pointer, only the kind.
func (m matcher) matchComposites(local, target btf.Type) (bool, error) {
	if m.behindPointer {
		forward, isForward := target.(*btf.Fwd)
		if _, isUnion := local.(*btf.Union); isForward {
			return isUnion == (forward.Kind == btf.FwdUnion), nil
		}
		return sameKind(local, target), nil
	}
	if !sameKind(local, target) {
		return false, nil
	}
	locals, _ := membersOf(local)
	targets, _ := membersOf(target)
	if len(locals) > len(targets) {
		return false, nil
	}
	for i := range locals {
		if found, err := m.hasMember(&locals[i], targets); !found || err != nil {
			return false, err
		}
	}
	return true, nil
}

func (m matcher) hasMember(local *btf.Member, targets []btf.Member) (bool, error) {
	for i := range targets {
		if !namesMatch(local.Name, targets[i].Name) {
			continue
		}
		if same, err := m.deeper().match(local.Type, targets[i].Type); same || err != nil {
			return same, err
		}
	}
	return false, nil
}

func (m matcher) matchParameters(local, target []btf.FuncParam) (bool, error) {
	if len(local) != len(target) {
		return false, nil
	}
	for i := range local {
		if same, err := m.deeper().match(local[i].Type, target[i].Type); !same || err != nil {
			return false, err
		}
	}
	return true, nil
}

// enumsMatch wants each name of the one in the other, whatever the values.
func enumsMatch(local, target *btf.Enum) bool {
	if local.Size != target.Size || len(local.Values) > len(target.Values) {
		return false
	}
	names := make(map[string]bool, len(target.Values))
	for i := range target.Values {
		names[EssentialName(target.Values[i].Name)] = true
	}
	for i := range local.Values {
		if !names[EssentialName(local.Values[i].Name)] {
			return false
		}
	}
	return true
}
