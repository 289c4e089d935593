/* A value of 8 bytes, which the kernel takes for no perf event array. */
#include "probe.h"

struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 8); } odd SEC(".maps");
SEC("xdp") int uses(struct xdp_md *ctx) { __u64 v = 0; return bpf_perf_event_output(ctx, &odd, BPF_F_CURRENT_CPU, &v, 8); }
