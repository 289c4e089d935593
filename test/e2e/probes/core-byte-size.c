#include "probe.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct task_struct { int pid; char comm[16]; long gone; };
#pragma clang attribute pop

SEC("socket") int present(void *ctx)
{
	struct task_struct *task = (void *)0;
	return bpf_core_field_size(task->pid) + bpf_core_field_size(task->comm);
}
SEC("socket") int absent(void *ctx)
{
	struct task_struct *task = (void *)0;
	return bpf_core_field_size(task->gone);
}
