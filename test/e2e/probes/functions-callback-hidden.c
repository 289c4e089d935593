/* The address of a hidden function is that of its symbol, not that of its section. */
#include "probe.h"

__hidden __attribute__((noinline)) int ok(__u32 index, void *context) { return 0; }
__hidden __attribute__((noinline)) int bad(__u32 index, void *context) { return *(int *)(long)index; }
SEC("tc") int first(struct __sk_buff *skb) { int v = 0; return bpf_loop(3, ok, &v, 0); }
SEC("tc") int second(struct __sk_buff *skb) { int v = 0; return bpf_loop(3, bad, &v, 0); }
