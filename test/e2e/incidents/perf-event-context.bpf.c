// A perf event's context: the period as a whole or in part, and nothing behind.
#include "incident.h"

struct bpf_user_pt_regs {
	unsigned long words[21];
};

struct event {
	struct bpf_user_pt_regs regs;
	__u64 sample_period;
	__u64 addr;
};

SEC("perf_event")
int period(struct event *ctx)
{
	return ctx->sample_period > 1;
}

SEC("perf_event")
int half_of_period(struct event *ctx)
{
	return *(volatile __u32 *)&ctx->sample_period > 1;
}

SEC("perf_event")
int behind(struct event *ctx)
{
	return *(volatile __u64 *)(ctx + 1) > 1;
}
