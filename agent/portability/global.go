package portability

import (
	"slices"

	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
)

// contexts are the types of what programs are given. A pointer to one is no pointer to memory for the verifier
// (btf_get_prog_ctx_type in kernel/bpf/btf.c).
var contexts = []string{
	"__sk_buff", "xdp_md", "pt_regs", "user_pt_regs", "bpf_user_pt_regs_t", "bpf_perf_event_data", "bpf_raw_tracepoint_args",
	"bpf_sock", "bpf_sock_addr", "bpf_sock_ops", "bpf_sockopt", "bpf_sysctl", "bpf_sk_lookup", "bpf_cgroup_dev_ctx",
	"bpf_flow_keys", "bpf_nf_ctx", "sk_msg_md", "sk_reuseport_md",
}

// global notes what a function that is verified by itself, once for all its callers, asks of a kernel
// (btf_prepare_func_args in kernel/bpf/btf.c).
func (l *lister) global(start *asm.Instruction, index int) {
	function := btf.FuncMetadata(start)
	if function == nil || function.Linkage != btf.GlobalFunc {
		return
	}
	proto, ok := function.Type.(*btf.FuncProto)
	if !ok {
		return
	}
	if _, void := btf.UnderlyingType(proto.Return).(*btf.Void); void {
		l.need("global", function.Name+": no result", index)
	}
	if slices.ContainsFunc(proto.Params, isMemory) {
		l.need("global", function.Name+": a pointer", index)
	}
}

func isMemory(parameter btf.FuncParam) bool {
	pointer, ok := btf.UnderlyingType(parameter.Type).(*btf.Pointer)
	if !ok {
		return false
	}
	target := pointer.Target
	for {
		switch t := target.(type) {
		case *btf.Const:
			target = t.Type
			continue
		case *btf.Volatile:
			target = t.Type
			continue
		case *btf.TypeTag:
			target = t.Type
			continue
		}
		break
	}
	return !slices.Contains(contexts, target.TypeName())
}
