/* Names that are no identifiers of C, which no kernel takes as the name of a type. */
#include "probe.h"

static __attribute__((noinline)) int sub(int a) asm("sub.part.0");
static __attribute__((noinline)) int sub(int a) { return a * 5; }
SEC("socket") int calls(void *ctx) { return sub((long)ctx & 3); }
SEC("socket") int odd(void *ctx) asm("odd$name");
SEC("socket") int odd(void *ctx) { return 0; }
