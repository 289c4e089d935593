#include "../probe.h"

static __attribute__((noinline)) int one_name(int a) { return a + 1; }
SEC("socket") int of_first(void *ctx) { return one_name(3); }
