/* clang gives a naked function a type without its arguments. */
#include "probe.h"

static __attribute__((naked, used)) int bare(void) { asm volatile("r0 = 1; exit;"); }
SEC("socket") __attribute__((naked)) int calls(void) { asm volatile("call bare; exit;"); }
SEC("socket") __attribute__((naked)) int alone(void) { asm volatile("r0 = 2; exit;"); }
