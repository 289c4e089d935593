/* What is in .text and called by nobody is handed over with no program. */
#include "probe.h"

__attribute__((noinline)) int unused(int *a) { return *a; }
SEC("socket") int alone(void *ctx) { return 0; }
