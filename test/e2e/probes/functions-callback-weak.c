#include "probe.h"

__weak __attribute__((noinline)) int weak(__u32 index, void *context) { return 0; }
SEC("tc") int looped(struct __sk_buff *skb) { int v = 0; return bpf_loop(3, weak, &v, 0); }
SEC("tc") int called(struct __sk_buff *skb) { return weak(1, 0); }
