/* One name with three underscores for each shape that a type has had. */
#include "probe.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct task_struct___old { long state; };
struct task_struct___new { unsigned int __state; };
#pragma clang attribute pop

SEC("tp_btf/task_newtask") int BPF_PROG(state, void *task)
{
	struct task_struct___old *old = task;
	struct task_struct___new *new = task;

	if (bpf_core_field_exists(new->__state))
		return BPF_CORE_READ(new, __state);
	return BPF_CORE_READ(old, state);
}
