// flags: -mcpu=v1
#include "probe.h"

volatile unsigned int a = 7, b = 2;
SEC("socket") int compares(void *ctx) { return a < b ? a / b : a % b; }
