// Fields of xdp_md are read as a whole; egress_ifindex in a devmap alone.
#include "incident.h"

SEC("xdp")
int half(struct xdp_md *ctx)
{
	return *(volatile __u16 *)&ctx->data > 1 ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int two(void *ctx)
{
	return *(volatile __u64 *)ctx > 1 ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int egress(struct xdp_md *ctx)
{
	return ctx->egress_ifindex > 1 ? XDP_PASS : XDP_DROP;
}

SEC("xdp/devmap")
int egress_of_devmap(struct xdp_md *ctx)
{
	return ctx->egress_ifindex > 1 ? XDP_PASS : XDP_DROP;
}

SEC("xdp")
int queue(struct xdp_md *ctx)
{
	*(volatile __u32 *)&ctx->rx_queue_index = 1 + ctx->ingress_ifindex;
	return XDP_PASS;
}
