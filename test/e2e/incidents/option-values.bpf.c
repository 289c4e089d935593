// The value of a socket's option: pointers as a whole, and the result of those that ask alone.
#include "incident.h"

SEC("cgroup/setsockopt")
int half_of_value(struct bpf_sockopt *ctx)
{
	return *(volatile __u32 *)&ctx->optval > 1;
}

SEC("cgroup/getsockopt")
int result(struct bpf_sockopt *ctx)
{
	return ctx->retval == 0;
}

SEC("cgroup/setsockopt")
int result_of_setting(struct bpf_sockopt *ctx)
{
	return ctx->retval == 0;
}
