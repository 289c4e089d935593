// flags: -mcpu=v4
/* Signed division, sign extension, long jumps and unconditional byte swaps of the fourth instruction set. */
#include "probe.h"

volatile int a = -7, b = 2;
volatile short c = -3;
SEC("socket") int signed_division(void *ctx) { return a / b; }
SEC("socket") int signed_modulo(void *ctx) { return a % b; }
SEC("socket") int extended(void *ctx) { return c; }
SEC("socket") int swapped(void *ctx) { return __builtin_bswap32(a); }
