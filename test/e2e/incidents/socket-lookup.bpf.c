// sk_lookup: ingress_ifindex since 5.17, and halves of a port.
#include "incident.h"

SEC("sk_lookup")
int interface(struct bpf_sk_lookup *ctx)
{
	return *(volatile __u32 *)((char *)ctx + 68) > 1;
}

SEC("sk_lookup")
int port_by_half(struct bpf_sk_lookup *ctx)
{
	return *(volatile __u16 *)&ctx->local_port > 1;
}

SEC("sk_lookup")
int remote_port(struct bpf_sk_lookup *ctx)
{
	return *(volatile __u32 *)&ctx->remote_port > 1;
}
