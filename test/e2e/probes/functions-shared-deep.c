/* Subprograms reached by several ways, in an order that is not that of the section. */
#include "probe.h"

static __attribute__((noinline)) int d(int a) { return a ^ 0x5555; }
static __attribute__((noinline)) int c(int a) { return d(a) + 1; }
static __attribute__((noinline)) int b(int a) { return c(a) + d(a + 7); }
static __attribute__((noinline)) int a(int x) { return b(x) + c(x); }
SEC("socket") int forward(void *ctx) { return a((long)ctx & 3); }
SEC("socket") int backward(void *ctx) { return d(1) + c(2) + b(3) + a(4); }
