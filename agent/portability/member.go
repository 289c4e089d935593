package portability

import "github.com/cilium/ebpf/btf"

// memberAt finds the type of what lies at an offset of a struct, in bytes, and whether a read of some size may take it: a
// pointer as a whole, other members within their bounds (btf_struct_walk in kernel/bpf/btf.c).
func memberAt(t btf.Type, offset, size int) (btf.Type, bool) {
	members, end := membersOf(t)
	if offset < 0 || offset+size > end && !endsOpen(members) {
		return nil, false
	}
	for i, member := range members {
		from := int(member.Offset.Bytes())
		if member.BitfieldSize > 0 {
			if last := int(member.Offset+member.BitfieldSize-1) / 8; offset >= from && offset <= last {
				return nil, true
			}
			continue
		}
		length, err := btf.Sizeof(member.Type)
		openArray := i == len(members)-1 && endsOpen(members)
		if err != nil || offset < from || offset >= from+length && !openArray {
			continue
		}
		return within(plain(member.Type), offset-from, size)
	}
	return nil, false
}

// within looks into one member.
func within(t btf.Type, offset, size int) (btf.Type, bool) {
	for {
		array, ok := t.(*btf.Array)
		if !ok {
			break
		}
		element, err := btf.Sizeof(array.Type)
		if err != nil || element == 0 {
			return nil, true
		}
		t, offset = plain(array.Type), offset%element
	}
	switch t.(type) {
	case *btf.Struct, *btf.Union:
		return memberAt(t, offset, size)
	case *btf.Pointer:
		return t, offset == 0 && size == 8
	}
	length, err := btf.Sizeof(t)
	return nil, err != nil || offset+size <= length
}

func membersOf(t btf.Type) (members []btf.Member, size int) {
	switch kind := t.(type) {
	case *btf.Struct:
		return kind.Members, int(kind.Size)
	case *btf.Union:
		return kind.Members, int(kind.Size)
	}
	return nil, 0
}

// endsOpen tells of an array at the end whose length the type does not say.
func endsOpen(members []btf.Member) bool {
	if len(members) == 0 {
		return false
	}
	array, ok := plain(members[len(members)-1].Type).(*btf.Array)
	return ok && array.Nelems == 0
}
