// Fields of a message between sockets.
#include "incident.h"

SEC("sk_msg")
int size(struct sk_msg_md *ctx)
{
	return ctx->size > 1;
}

SEC("sk_msg")
int half_of_size(struct sk_msg_md *ctx)
{
	return *(volatile __u16 *)&ctx->size > 1;
}

SEC("sk_msg")
int half_of_data(struct sk_msg_md *ctx)
{
	return *(volatile __u32 *)&ctx->data > 1;
}
