// tp_btf arguments that may be NULL, since 6.13, and the same behind a check.
#include "incident.h"

struct sock_common {
	unsigned short skc_family;
} KERNEL;

struct sock___common {
	struct sock_common __sk_common;
} KERNEL;

SEC("tp_btf/kfree_skb")
int BPF_PROG(unchecked, void *skb, void *location, int reason, struct sock___common *sk)
{
	return sk->__sk_common.skc_family;
}

SEC("tp_btf/kfree_skb")
int BPF_PROG(checked, void *skb, void *location, int reason, struct sock___common *sk)
{
	return sk ? sk->__sk_common.skc_family : 0;
}
