// cong_control(sk, rs), until 6.9.
#include "incident.h"

struct rate_sample {
	long interval_us;
} KERNEL;

struct tcp_congestion_ops {
	void (*cong_control)(struct sock *sk, const struct rate_sample *rates);
	unsigned int (*ssthresh)(struct sock *sk);
	unsigned int (*undo_cwnd)(struct sock *sk);
	char name[16];
};

long longest;

SEC("struct_ops/control")
void BPF_PROG(control, struct sock *sk, const struct rate_sample *rates)
{
	longest = rates->interval_us;
}

SEC("struct_ops/threshold")
unsigned int BPF_PROG(threshold, struct sock *sk)
{
	return 2;
}

SEC("struct_ops/undo")
unsigned int BPF_PROG(undo, struct sock *sk)
{
	return 10;
}

SEC(".struct_ops")
struct tcp_congestion_ops with_rates = {
	.cong_control = (void *)control,
	.ssthresh = (void *)threshold,
	.undo_cwnd = (void *)undo,
	.name = "incident_rates",
};
