#include "probe.h"

int own_bss SEC(".bss.own");
SEC("socket") int reads(void *ctx) { own_bss++; return own_bss; }
SEC("socket") int does_not(void *ctx) { return 0; }
