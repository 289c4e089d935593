#include "probe.h"

extern const int bpf_prog_active __ksym;
SEC("raw_tp/sched_switch") int address(void *ctx) { return (long)&bpf_prog_active != 0; }
SEC("raw_tp/sched_switch") int on_processor(void *ctx)
{
	int *active = bpf_per_cpu_ptr(&bpf_prog_active, 0);
	return active ? *active : 0;
}
SEC("raw_tp/sched_switch") int on_this(void *ctx) { return *(int *)bpf_this_cpu_ptr(&bpf_prog_active); }
