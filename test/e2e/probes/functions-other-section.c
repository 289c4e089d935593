/* A function that is called, in a section of its own, and a program that is called as one. */
#include "probe.h"

SEC("socket") __attribute__((noinline)) int both_ways(struct __sk_buff *skb) { return skb->len; }
SEC("socket") int calls_a_program(struct __sk_buff *skb) { return both_ways(skb) + 1; }
