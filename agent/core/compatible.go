package core

import (
	"errors"
	"reflect"

	"github.com/cilium/ebpf/btf"
)

// deepest is how far types are followed.
const deepest = 32

var errTooNested = errors.New("the types are nested too deep")

// sameKind tells types of one kind. Enums are of one kind whatever the size of their values.
func sameKind(a, b btf.Type) bool { return reflect.TypeOf(a) == reflect.TypeOf(b) }

// fieldsAreCompatible tells whether a field may stand for another one: bpf_core_fields_are_compat.
func fieldsAreCompatible(local, target btf.Type) bool {
	for range deepest {
		local, target = btf.UnderlyingType(local), btf.UnderlyingType(target)
		_, localIs := membersOf(local)
		_, targetIs := membersOf(target)
		if localIs && targetIs {
			return true
		}
		if !sameKind(local, target) {
			return false
		}
		switch l := local.(type) {
		case *btf.Pointer, *btf.Float, *btf.Int:
			return true
		case *btf.Fwd, *btf.Enum:
			a, b := EssentialName(local.TypeName()), EssentialName(target.TypeName())
			return a == "" || b == "" || a == b
		case *btf.Array:
			local, target = l.Type, target.(*btf.Array).Type
		default:
			return false
		}
	}
	return false
}

// typesAreCompatible tells whether a type may stand for another one whose name was compared: __bpf_core_types_are_compat.
func typesAreCompatible(local, target btf.Type, level int) (bool, error) {
	if !sameKind(local, target) {
		return false, nil
	}
	for range deepest {
		local, target = btf.UnderlyingType(local), btf.UnderlyingType(target)
		if !sameKind(local, target) {
			return false, nil
		}
		switch l := local.(type) {
		case *btf.Void, *btf.Struct, *btf.Union, *btf.Enum, *btf.Fwd, *btf.Int:
			return true, nil
		case *btf.Pointer:
			local, target = l.Target, target.(*btf.Pointer).Target
		case *btf.Array:
			local, target = l.Type, target.(*btf.Array).Type
		case *btf.FuncProto:
			t := target.(*btf.FuncProto)
			if len(l.Params) != len(t.Params) {
				return false, nil
			}
			for i := range l.Params {
				if level <= 0 {
					return false, errTooNested
				}
				a, b := btf.UnderlyingType(l.Params[i].Type), btf.UnderlyingType(t.Params[i].Type)
				if same, err := typesAreCompatible(a, b, level-1); !same || err != nil {
					return false, err
				}
			}
			local, target = l.Return, t.Return
		default:
			return false, nil
		}
	}
	return false, errTooNested
}
