// A function without a result has none where it ends.
#include "incident.h"

long seen;

SEC("fexit/wake_up_new_task")
int BPF_PROG(woken, struct task_struct *task, long result)
{
	seen = result > 0;
	return 0;
}

SEC("fexit/wake_up_new_task")
int BPF_PROG(woken_task, struct task_struct *task)
{
	seen = task->pid;
	return 0;
}
