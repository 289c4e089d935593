// skb->hwtstamp since 5.16, as a whole.
#include "incident.h"

SEC("tc")
int whole(struct __sk_buff *skb)
{
	return skb->hwtstamp > 0;
}

SEC("cgroup_skb/ingress")
int half(struct __sk_buff *skb)
{
	return 1 & *(volatile __u32 *)((char *)skb + 184);
}
