package portability

import (
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/loader"
)

// missingTarget names what a program attaches to where a kernel's types do not have it.
func missingTarget(spec *ebpf.ProgramSpec, kernel *btf.Spec) *string {
	if hasTarget(spec, kernel) {
		return nil
	}
	name := loader.AttachTarget(spec)
	return &name
}

func hasTarget(spec *ebpf.ProgramSpec, kernel *btf.Spec) bool {
	target := spec.AttachTo
	switch spec.Type {
	case ebpf.StructOps:
		return hasMember(kernel, target)
	case ebpf.Extension:
		return false // it takes the program that it extends, which no kernel has by itself
	case ebpf.LSM:
		return hasFunction(kernel, "bpf_lsm_"+target)
	case ebpf.Tracing:
	default:
		return true
	}
	switch spec.AttachType {
	case ebpf.AttachTraceRawTp:
		var definition *btf.Typedef
		return kernel.TypeByName("btf_trace_"+target, &definition) == nil
	case ebpf.AttachTraceIter:
		return hasFunction(kernel, "bpf_iter_"+target)
	}
	return target == "" || hasFunction(kernel, target)
}

// hasMember tells whether there is a struct_ops "type:member".
func hasMember(kernel *btf.Spec, target string) bool {
	ops, member, found := strings.Cut(target, ":")
	var kind *btf.Struct
	if !found {
		return true
	}
	if kernel.TypeByName(ops, &kind) != nil {
		return false
	}
	for _, each := range kind.Members {
		if each.Name == member {
			return true
		}
	}
	return false
}

// hookResult tells what the hook of an LSM program answers.
func hookResult(spec *ebpf.ProgramSpec, kernel *btf.Spec) *string {
	var hook *btf.Func
	if spec.Type != ebpf.LSM || kernel.TypeByName("bpf_lsm_"+spec.AttachTo, &hook) != nil {
		return nil
	}
	result := "number"
	if proto, ok := hook.Type.(*btf.FuncProto); ok {
		if _, void := proto.Return.(*btf.Void); void {
			result = "void"
		}
	}
	return &result
}
