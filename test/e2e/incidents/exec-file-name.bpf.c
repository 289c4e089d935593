// What the third argument points to, read without a helper.
#include "incident.h"

struct linux_binprm {
	int argc;
} KERNEL;

SEC("tp_btf/sched_process_exec")
int BPF_PROG(executed, struct task_struct *task, int old, struct linux_binprm *program)
{
	return program->argc + task->pid;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(executed_too, struct linux_binprm *program, struct task_struct *task)
{
	return task->pid;
}
