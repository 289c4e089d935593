#include "probe.h"

__hidden int hidden_one = 3;
__weak int weak_one = 4;
SEC("socket") int reads(void *ctx) { return hidden_one + weak_one; }
