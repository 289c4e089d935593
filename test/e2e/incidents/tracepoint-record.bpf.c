// The record of a tracepoint: its head is the kernel's own, and nothing of it may be written.
#include "incident.h"

SEC("tracepoint/syscalls/sys_enter_openat")
int head(unsigned long long *ctx)
{
	return *(volatile unsigned int *)((char *)ctx + 4) > 1;
}

SEC("tracepoint/syscalls/sys_enter_openat")
int number(unsigned long long *ctx)
{
	return *(volatile unsigned int *)(ctx + 1) > 1;
}

SEC("tracepoint/syscalls/sys_enter_openat")
int written(unsigned long long *ctx)
{
	*(volatile unsigned long long *)(ctx + 2) = ctx[3];
	return 0;
}
