/* The size of a store is adjusted as that of a load is. */
#include "probe.h"

struct sk_buff { __u64 mark; } __attribute__((preserve_access_index));

SEC("tp_btf/kfree_skb") int BPF_PROG(store, struct sk_buff *skb) { skb->mark = 7; return 0; }
