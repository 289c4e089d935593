#include "probe.h"

__weak __attribute__((noinline)) int weak_one(int a) { return a + 1; }
__hidden __weak __attribute__((noinline)) int hidden_weak(int a) { return a + 2; }
SEC("socket") int calls(void *ctx) { return weak_one(1) + hidden_weak(2); }
