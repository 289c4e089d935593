// kmesh#1716 (CVE-2025-38591): a read of a part of a pointer of __sk_buff.
#include "incident.h"

#define PART(type, at) (*(volatile type *)((char *)skb + (at)))

SEC("tc")
int data_as_two(struct __sk_buff *skb)
{
	return PART(__u16, __builtin_offsetof(struct __sk_buff, data));
}

SEC("tc")
int end_as_one(struct __sk_buff *skb)
{
	return PART(__u8, __builtin_offsetof(struct __sk_buff, data_end) + 1);
}

SEC("tc")
int flow_keys(struct __sk_buff *skb)
{
	return PART(__u32, __builtin_offsetof(struct __sk_buff, flow_keys));
}
