// The kind of access to a device, in part; nothing may be written.
#include "incident.h"

SEC("cgroup/dev")
int half(struct bpf_cgroup_dev_ctx *ctx)
{
	return *(volatile __u16 *)&ctx->access_type & 1;
}

SEC("cgroup/dev")
int half_of_major(struct bpf_cgroup_dev_ctx *ctx)
{
	return *(volatile __u16 *)&ctx->major & 1;
}

SEC("cgroup/dev")
int written(struct bpf_cgroup_dev_ctx *ctx)
{
	*(volatile __u32 *)&ctx->major = ctx->minor;
	return 1;
}
