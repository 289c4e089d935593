// The order of the releases 5.18-rc: the state as the second argument, which is a task again.
#include "incident.h"

SEC("tp_btf/sched_switch")
int BPF_PROG(switched, bool preempt, unsigned int state, struct task_struct *previous, struct task_struct *next)
{
	return next->pid + state;
}
