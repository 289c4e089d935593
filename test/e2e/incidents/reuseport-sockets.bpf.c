// sk_reuseport: the sockets since 5.14.
#include "incident.h"

SEC("sk_reuseport")
int migrating(struct sk_reuseport_md *ctx)
{
	return *(volatile __u64 *)((char *)ctx + 48) == 0;
}

SEC("sk_reuseport")
int half_of_data(struct sk_reuseport_md *ctx)
{
	return *(volatile __u32 *)&ctx->data > 0;
}
