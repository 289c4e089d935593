#include "probe.h"

static __attribute__((noinline)) int deep(int a) { return a * 3; }
static __attribute__((noinline)) int middle(int a) { return deep(a) + deep(a + 1); }
static __attribute__((noinline)) int unsafe_one(int a) { return *(int *)(long)a; }
SEC("socket") int good(void *ctx) { return middle((long)ctx & 7); }
SEC("socket") int also_good(void *ctx) { return deep(2) + middle(3); }
SEC("socket") int wrong(void *ctx) { return middle(1) + unsafe_one(4); }
