#include "probe.h"

struct task_struct { int pid; int tgid; } __attribute__((preserve_access_index));

static __attribute__((noinline)) int of_static(struct task_struct *task) { return BPF_CORE_READ(task, pid); }
__attribute__((noinline)) int of_global(unsigned long task) { return BPF_CORE_READ((struct task_struct *)task, tgid); }
SEC("raw_tp/task_newtask") int both(struct bpf_raw_tracepoint_args *ctx)
{
	return of_static((void *)ctx->args[0]) + of_global(ctx->args[0]);
}
