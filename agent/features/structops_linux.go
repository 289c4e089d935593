package features

import (
	"slices"
	"strings"

	"github.com/cilium/ebpf"
)

// valuePrefix begins the name of the type by which a kernel offers a struct_ops (include/linux/bpf_verifier.h).
const valuePrefix = "bpf_struct_ops_"

const (
	btfPointer   = 2
	btfFuncProto = 13
)

// structOps lists the struct_ops types of a kernel. Their values are structs of which the last part is the struct itself.
func structOps(types *kernelTypes) []string {
	list := []string{}
	for name, id := range types.structs {
		ops, found := strings.CutPrefix(name, valuePrefix)
		if !found || ops == "" {
			continue
		}
		members := types.members(id)
		if len(members) > 1 && types.nameOf(members[len(members)-1].id) == ops && types.structs[ops] == members[len(members)-1].id {
			list = append(list, ops)
		}
	}
	slices.Sort(list)
	return list
}

// triedMembers is how many functions of a struct_ops are tried: not all may be set, and helpers differ by function for
// tcp_congestion_ops alone, whose "release" may not have all of them.
const triedMembers = 4

// structOpsKinds makes kinds of the first functions of each struct_ops type.
func structOpsKinds(types *kernelTypes) []kind {
	var kinds []kind
	for _, name := range structOps(types) {
		id, tried := types.structs[name], 0
		for index, member := range types.members(id) {
			if !types.isFunction(member.id) || tried == triedMembers {
				continue
			}
			tried++
			kinds = append(kinds, kind{
				name: "struct_ops/" + name, program: ebpf.StructOps, expected: ebpf.AttachType(index), attachID: id,
			})
		}
	}
	return kinds
}

func (t *kernelTypes) isFunction(id uint32) bool {
	return t.kindOf(id) == btfPointer && t.target(id) != 0 && t.kindOf(t.target(id)) == btfFuncProto
}
