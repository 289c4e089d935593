#include "probe.h"

__attribute__((noinline)) int ok(__u32 index, void *context) { return 0; }
__attribute__((noinline)) int other(__u32 index, void *context) { return 1; }
SEC("tc") int first(struct __sk_buff *skb) { int v = 0; return bpf_loop(3, ok, &v, 0); }
SEC("tc") int second(struct __sk_buff *skb) { int v = 0; return bpf_loop(3, other, &v, 0); }
