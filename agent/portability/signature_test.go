package portability

import (
	"strings"
	"testing"

	"github.com/cilium/ebpf/btf"
)

var (
	wide    = &btf.Int{Name: "long", Size: 8, Encoding: btf.Signed}
	toTask  = &btf.Pointer{Target: with}
	toWide  = &btf.Pointer{Target: wide}
	holding = &btf.Struct{Name: "holder", Size: 16, Members: []btf.Member{
		{Name: "first", Type: number}, {Name: "task", Type: toTask, Offset: 64},
	}}
)

// function is a kernel function f.
func function(result btf.Type, arguments ...btf.Type) btf.Type {
	proto := &btf.FuncProto{Return: result}
	for _, each := range arguments {
		proto.Params = append(proto.Params, btf.FuncParam{Type: each})
	}
	return &btf.Func{Name: "f", Type: proto, Linkage: btf.StaticFunc}
}

func expectFaults(t *testing.T, source string, kernel btf.Type, want ...string) {
	t.Helper()
	got := []string{}
	for _, each := range examine(t, source, kernel).Kernels["kernel"].Faults {
		got = append(got, each.Kind+": "+each.What)
	}
	expectNames(t, got, want...)
}

const secondArgument = `long seen; SEC("fentry/f") int prog(long *ctx) { seen = ctx[1]; return 0; }`

func TestAnArgumentThatAKernelHas(t *testing.T) {
	expectFaults(t, secondArgument, function(number, toTask, wide))
}

func TestAnArgumentThatAKernelHasNot(t *testing.T) {
	expectFaults(t, secondArgument, function(number, toTask), "absent: argument 2 of kernel function f")
}

func TestTheResultIsThereAtTheExit(t *testing.T) {
	exit := `long seen; SEC("fexit/f") int prog(long *ctx) { seen = ctx[1]; return 0; }`
	expectFaults(t, exit, function(number, toTask))
	expectFaults(t, exit, function((*btf.Void)(nil), toTask), "absent: result of kernel function f")
}

func TestPointersOfWhichKernelsDiffer(t *testing.T) {
	expectFaults(t, secondArgument, function(number, toTask, toWide), "number: argument 2 of kernel function f")
	toPointer := &btf.Pointer{Target: toTask}
	expectFaults(t, secondArgument, function(number, toTask, toPointer), "other: argument 2 of kernel function f")
	half := `long seen; SEC("fentry/f") int prog(int *ctx) { seen = ctx[2]; return 0; }`
	expectFaults(t, half, function(number, toTask, toTask), "narrow: argument 2 of kernel function f")
}

func TestFunctionsThatCannotBeTraced(t *testing.T) {
	empty := `SEC("fentry/f") int prog(long *ctx) { return 0; }`
	expectFaults(t, empty, function(number, toTask, with), "value: argument 2 of kernel function f")
	expectFaults(t, empty, function(number, toTask, (*btf.Void)(nil)), "variable: kernel function f to be traced")
}

func TestReadsBehindAnArgument(t *testing.T) {
	chain := `
struct holder { struct task *task; } __attribute__((preserve_access_index));
long seen, other;
SEC("fentry/f") int prog(long *ctx) { seen = ((struct holder *)ctx[0])->task->state; return 0; }`
	toHolder := &btf.Pointer{Target: holding}
	expectFaults(t, chain, function(number, toHolder))
	expectFaults(t, chain, function(number, wide), "absent: struct behind argument 1 of kernel function f")
	unaligned := `long seen; SEC("fentry/f") int prog(long *ctx) { seen = *(int *)(ctx[0] + 12); return 0; }`
	expectFaults(t, unaligned, function(number, toHolder), "absent: 4 bytes at 12 of struct holder")
	hole := `long seen; SEC("fentry/f") int prog(long *ctx) { seen = *(int *)(ctx[0] + 4); return 0; }`
	expectFaults(t, hole, function(number, toHolder), "absent: 4 bytes at 4 of struct holder")
}

func TestAccessesOfTheContext(t *testing.T) {
	p := examine(t, `SEC("tc") int prog(struct __sk_buff *skb) {
	skb->tc_index = skb->len;
	return *(volatile __u16 *)((char *)skb + 76);
}`)
	expectNames(t, needed(p, "context", nil), "read 4 at 0", "write 4 at 44", "read 2 at 76")
}

func TestTheVersionDecidesBranches(t *testing.T) {
	guarded := `
extern int LINUX_KERNEL_VERSION __kconfig;
long seen, other;
SEC("fentry/f") int prog(long *ctx) {
	if (LINUX_KERNEL_VERSION >= %s) {
		seen = ctx[0];
		bpf_get_prandom_u32();
	} else {
		other = ctx[1];
		bpf_ktime_get_ns();
	}
	return 0;
}`
	one := function(number, toTask)
	expectFaults(t, strings.Replace(guarded, "%s", "0x060c00", 1), one)
	expectFaults(t, strings.Replace(guarded, "%s", "0x060cff", 1), one)
	expectFaults(t, strings.Replace(guarded, "%s", "0x060d00", 1), one, "absent: argument 2 of kernel function f")
}
