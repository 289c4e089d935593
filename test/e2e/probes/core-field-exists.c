#include "probe.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct task_struct { int pid; long gone; };
struct no_such_type { int a; };
#pragma clang attribute pop

SEC("socket") int present(void *ctx)
{
	struct task_struct *task = (void *)0;
	return bpf_core_field_exists(task->pid);
}
SEC("socket") int absent_field(void *ctx)
{
	struct task_struct *task = (void *)0;
	return bpf_core_field_exists(task->gone);
}
SEC("socket") int absent_type(void *ctx)
{
	struct no_such_type *none = (void *)0;
	return bpf_core_field_exists(none->a);
}
SEC("raw_tp/sched_switch") int guarded(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)ctx->args[1];
	return bpf_core_field_exists(task->gone) ? BPF_CORE_READ(task, gone) : 0;
}
SEC("raw_tp/sched_switch") int unguarded(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)ctx->args[1];
	return BPF_CORE_READ(task, gone);
}
