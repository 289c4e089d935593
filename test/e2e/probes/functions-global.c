#include "probe.h"

__attribute__((noinline)) int verified_alone(struct __sk_buff *skb) { return skb->len; }
__attribute__((noinline)) int of_pointer(int *number) { return number ? *number : 0; }
__attribute__((noinline)) int wrong_alone(int *number) { return *number; }
SEC("tc") int good(struct __sk_buff *skb) { int v = 3; return verified_alone(skb) + of_pointer(&v); }
SEC("tc") int wrong(struct __sk_buff *skb) { int v = 3; return wrong_alone(&v); }
