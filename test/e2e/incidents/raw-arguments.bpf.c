// A raw tracepoint has at most twelve arguments.
#include "incident.h"

SEC("raw_tp/sched_switch")
int last(unsigned long long *ctx)
{
	return ((volatile unsigned long long *)ctx)[11] > 1;
}

SEC("raw_tp/sched_switch")
int behind_last(unsigned long long *ctx)
{
	return ((volatile unsigned long long *)ctx)[12] > 1;
}
