#include "probe.h"

int target(void *ctx);
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 2); __uint(key_size, 4); __array(values, int(void *)); }
	jumps SEC(".maps") = { .values = { [1] = (void *)&target } };
SEC("socket") int target(void *ctx) { return 2; }
SEC("socket") int jumping(void *ctx) { bpf_tail_call(ctx, &jumps, 1); return 0; }
SEC("xdp") int of_another_type(void *ctx) { bpf_tail_call(ctx, &jumps, 1); return 0; }
