#include "probe.h"

struct task_struct { int pid; } __attribute__((preserve_access_index));
extern struct task_struct *bpf_task_acquire(struct task_struct *task) __ksym;
extern void bpf_task_release(struct task_struct *task) __ksym;
SEC("tp_btf/task_newtask") int BPF_PROG(holds, struct task_struct *task)
{
	struct task_struct *held = bpf_task_acquire(task);
	if (held)
		bpf_task_release(held);
	return 0;
}
