#include "probe.h"

enum own_64 { OWN_64 = 0x1234567890ULL };

SEC("socket") int absent(void *ctx) { return bpf_core_enum_value_exists(enum own_64, OWN_64); }
