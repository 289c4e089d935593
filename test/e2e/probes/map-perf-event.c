#include "probe.h"

struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __uint(key_size, 4); __uint(value_size, 4); } sized SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __type(key, int); __type(value, int); } typed SEC(".maps");
SEC("xdp") int uses_sized(struct xdp_md *ctx) { __u64 v = 0; return bpf_perf_event_output(ctx, &sized, BPF_F_CURRENT_CPU, &v, 8); }
SEC("xdp") int uses_typed(struct xdp_md *ctx) { __u64 v = 0; return bpf_perf_event_output(ctx, &typed, BPF_F_CURRENT_CPU, &v, 8); }
