// Fields of bpf_sock_ops that came over time, and parts of them.
#include "incident.h"

SEC("sockops")
int operation(struct bpf_sock_ops *ctx)
{
	return ctx->op == 3;
}

SEC("sockops")
int half_of_operation(struct bpf_sock_ops *ctx)
{
	return *(volatile __u16 *)&ctx->op == 3;
}

SEC("sockops")
int length(struct bpf_sock_ops *ctx)
{
	return ctx->skb_len > 100;
}

SEC("sockops")
int hardware_time(struct bpf_sock_ops *ctx)
{
	return *(volatile __u64 *)((char *)ctx + 216) > 1;
}

SEC("sockops")
int answer(struct bpf_sock_ops *ctx)
{
	ctx->reply = ctx->op;
	return 1;
}
