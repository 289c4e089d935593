// Fields that a classifier may write, and those that it may not.
#include "incident.h"

SEC("tc")
int class_index(struct __sk_buff *skb)
{
	skb->tc_index = skb->len;
	return 0;
}

SEC("tc")
int length(struct __sk_buff *skb)
{
	*(volatile __u32 *)&skb->len = skb->mark;
	return 0;
}

SEC("tc")
int scratch(struct __sk_buff *skb)
{
	*((volatile __u8 *)skb->cb + 5) = skb->mark;
	return 0;
}

SEC("tc")
int half_of_mark(struct __sk_buff *skb)
{
	*(volatile __u16 *)&skb->mark = skb->len;
	return 0;
}

SEC("cgroup_skb/egress")
int mark_in_cgroup(struct __sk_buff *skb)
{
	skb->mark = skb->len;
	return 1;
}

/* *(u32 *)(skb + 8) = 1, by one instruction: since 6.4. */
SEC("tc")
int mark_by_constant(struct __sk_buff *skb)
{
	asm volatile(".8byte 0x0000000100080162" ::: "memory");
	return 0;
}
