// A member of tcp_congestion_ops with an argument that it has not.
#include "incident.h"

struct tcp_congestion_ops {
	void (*cwnd_event)(struct sock *sk, int event);
	unsigned int (*ssthresh)(struct sock *sk);
	char name[16];
};

long last;

SEC("struct_ops/on_event")
void BPF_PROG(on_event, struct sock *sk, int event, long more)
{
	last = more;
}

SEC("struct_ops/threshold")
unsigned int BPF_PROG(threshold, struct sock *sk)
{
	return 2;
}

SEC(".struct_ops")
struct tcp_congestion_ops with_event = {
	.cwnd_event = (void *)on_event,
	.ssthresh = (void *)threshold,
	.name = "incident_event",
};
