#include "probe.h"

int own_data SEC(".data.own") = 3;
const volatile int own_rodata SEC(".rodata.own") = 4;
SEC("socket") int reads(void *ctx) { return own_data + own_rodata; }
