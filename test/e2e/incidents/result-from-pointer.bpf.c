// cilium#48016: a pointer as the result of a program of a cgroup, refused since 7.2.
#include "incident.h"

SEC("cgroup/getsockopt")
int pointer_as_result(struct bpf_sockopt *ctx)
{
	bpf_set_retval((long)ctx);
	return 1;
}
