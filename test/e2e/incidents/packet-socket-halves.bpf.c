// The pointer to the socket, as a whole and by halves.
#include "incident.h"

SEC("tc")
int whole(struct __sk_buff *skb)
{
	return skb->sk == 0;
}

SEC("tc")
int half(struct __sk_buff *skb)
{
	return *(volatile __u32 *)((char *)skb + __builtin_offsetof(struct __sk_buff, sk));
}

SEC("cgroup_skb/ingress")
int half_in_cgroup(struct __sk_buff *skb)
{
	return 1 & *(volatile __u16 *)((char *)skb + __builtin_offsetof(struct __sk_buff, sk) + 4);
}
