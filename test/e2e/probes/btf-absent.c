// flags: -g0
#include "probe.h"

static __attribute__((noinline)) int sub(int a) { return a + 1; }
int global = 3;
SEC("socket") int calls(void *ctx) { return sub(global); }
