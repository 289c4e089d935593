// sched_switch tells of the state before since 5.18, as its last argument.
#include "incident.h"

SEC("tp_btf/sched_switch")
int BPF_PROG(switched, bool preempt, struct task_struct *previous, struct task_struct *next, unsigned int state)
{
	return next->pid + state;
}
