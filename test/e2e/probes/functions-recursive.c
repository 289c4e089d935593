#include "probe.h"

__attribute__((noinline)) int again(int a) { return a > 0 ? again(a - 1) + 1 : 0; }
SEC("socket") int calls(void *ctx) { return again(3); }
