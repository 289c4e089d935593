// A socket has no port yet when it is made.
#include "incident.h"

SEC("cgroup/sock_create")
int port_of_new(struct bpf_sock *ctx)
{
	return ctx->src_port > 1024;
}

SEC("cgroup/post_bind4")
int port_of_bound(struct bpf_sock *ctx)
{
	return ctx->src_port > 1024;
}

SEC("cgroup/post_bind4")
int sixth_of_fourth(struct bpf_sock *ctx)
{
	return ctx->src_ip6[0] > 1;
}

SEC("cgroup/sock_create")
int half_of_protocol(struct bpf_sock *ctx)
{
	return *(volatile __u16 *)&ctx->protocol == 6;
}
