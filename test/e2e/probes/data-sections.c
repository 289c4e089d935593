#include "probe.h"

int in_data = 5;
int in_bss;
const volatile int in_rodata = 7;
static volatile const char text[] = "abc";
SEC("socket") int reads(void *ctx) { return in_data + in_bss + in_rodata; }
SEC("socket") int writes(void *ctx) { in_data = 1; in_bss = 2; return text[1]; }
SEC("socket") int dead_code(void *ctx) { if (in_rodata == 8) return *(int *)ctx; return 0; }
