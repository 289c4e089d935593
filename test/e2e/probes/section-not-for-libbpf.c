#include "probe.h"

SEC("?socket") int not_by_default(void *ctx) { return 0; }
SEC("socket") int by_default(void *ctx) { return 0; }
