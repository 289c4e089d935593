// kfree_skb tells of the reason since 5.17, and of the socket since 6.11.
#include "incident.h"

SEC("tp_btf/kfree_skb")
int BPF_PROG(freed, void *skb, void *location)
{
	return location == 0;
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(freed_why, void *skb, void *location, int reason)
{
	return reason;
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(freed_for, void *skb, void *location, int reason, struct sock *sk)
{
	return sk == 0;
}
