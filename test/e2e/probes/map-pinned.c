#include "probe.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); __uint(pinning, LIBBPF_PIN_BY_NAME); } probe_pinned SEC(".maps");
SEC("socket") int uses(void *ctx) { __u32 k = 1; return bpf_map_lookup_elem(&probe_pinned, &k) != 0; }
