// netfilter programs (6.4) are given two pointers.
#include "incident.h"

SEC("netfilter")
int half(void *ctx)
{
	return *(volatile __u32 *)ctx & 1;
}

SEC("netfilter")
int whole(void *ctx)
{
	return *((volatile __u64 *)ctx + 1) != 0;
}
