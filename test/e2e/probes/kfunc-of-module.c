/* A function that libbpf looks for in modules too. */
#include "probe.h"

struct sock { int unused; };
extern void cubictcp_init(struct sock *sk) __ksym __weak;
SEC("tc") int absent_or_module(struct __sk_buff *skb) { return cubictcp_init ? 1 : 0; }
