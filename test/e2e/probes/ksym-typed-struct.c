#include "probe.h"

struct rq { int cpu; } __attribute__((preserve_access_index));
extern const struct rq runqueues __ksym;
SEC("raw_tp/sched_switch") int reads(void *ctx)
{
	struct rq *queue = bpf_per_cpu_ptr(&runqueues, 0);
	return queue ? queue->cpu : 0;
}
