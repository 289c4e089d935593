// The three arguments that every kernel has.
#include "incident.h"

SEC("tp_btf/sched_switch")
int BPF_PROG(switched, bool preempt, struct task_struct *previous, struct task_struct *next)
{
	return next->pid + previous->pid;
}
