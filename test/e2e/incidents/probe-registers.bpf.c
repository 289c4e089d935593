// The registers at a probe: no more than there are, and none may be written.
#include "incident.h"

SEC("kprobe/do_nanosleep")
int behind(struct pt_regs *ctx)
{
	return *(volatile __u64 *)(ctx + 1) > 1;
}

SEC("kprobe/do_nanosleep")
int part(struct pt_regs *ctx)
{
	return *(volatile __u16 *)&ctx->rdi > 1;
}

SEC("kprobe/do_nanosleep")
int unaligned(struct pt_regs *ctx)
{
	return *(volatile __u32 *)((char *)&ctx->rdi + 2) > 1;
}

SEC("kprobe/do_nanosleep")
int written(struct pt_regs *ctx)
{
	*(volatile unsigned long *)&ctx->rax = ctx->rdi;
	return 0;
}
