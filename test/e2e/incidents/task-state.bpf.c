// pulsar#351, bcc#3658: members that went away, read without a guard and behind one.
#include "incident.h"
#include <bpf/bpf_core_read.h>

struct task_struct___state {
	long state;
} KERNEL;

SEC("tp_btf/sched_switch")
int BPF_PROG(unguarded, bool preempt, struct task_struct___state *previous)
{
	return previous->state == 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(guarded, bool preempt, struct task_struct___state *previous)
{
	if (bpf_core_field_exists(previous->state))
		return previous->state == 0;
	return 0;
}
