// Addresses of the other family, and halves of an address.
#include "incident.h"

SEC("cgroup/connect4")
int sixth_in_fourth(struct bpf_sock_addr *ctx)
{
	return ctx->user_ip6[0] > 1;
}

SEC("cgroup/connect4")
int half_read(struct bpf_sock_addr *ctx)
{
	return *((volatile __u16 *)&ctx->user_ip4 + 1) > 1;
}

SEC("cgroup/connect4")
int half_written(struct bpf_sock_addr *ctx)
{
	*(volatile __u16 *)&ctx->user_ip4 = ctx->user_port;
	return 1;
}

SEC("cgroup/bind6")
int both_at_once(void *ctx)
{
	*((volatile __u64 *)ctx + 1) = *(volatile __u32 *)ctx;
	return 1;
}

SEC("cgroup/connect6")
int source(struct bpf_sock_addr *ctx)
{
	return ctx->msg_src_ip6[1] > 1;
}

SEC("cgroup/sendmsg6")
int source_of_message(struct bpf_sock_addr *ctx)
{
	return ctx->msg_src_ip6[1] > 1;
}
