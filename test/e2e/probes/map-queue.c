#include "probe.h"

struct { __uint(type, BPF_MAP_TYPE_QUEUE); __uint(max_entries, 4); __type(value, __u64); } waiting SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_STACK); __uint(max_entries, 4); __uint(value_size, 8); } piled SEC(".maps");
SEC("socket") int uses(void *ctx) { __u64 v = 1; return bpf_map_push_elem(&waiting, &v, 0) + bpf_map_pop_elem(&piled, &v); }
