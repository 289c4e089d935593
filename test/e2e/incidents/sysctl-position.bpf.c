// What a program of a cgroup may do with a setting.
#include "incident.h"

SEC("cgroup/sysctl")
int position(struct bpf_sysctl *ctx)
{
	ctx->file_pos = 0;
	return 1;
}

SEC("cgroup/sysctl")
int half_of_write(struct bpf_sysctl *ctx)
{
	return *(volatile __u16 *)&ctx->write & 1;
}

SEC("cgroup/sysctl")
int write_written(struct bpf_sysctl *ctx)
{
	*(volatile __u32 *)&ctx->write = ctx->file_pos;
	return 1;
}
