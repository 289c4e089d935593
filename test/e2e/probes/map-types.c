#include "probe.h"

#define MAP(name, kind, ...) struct { __uint(type, BPF_MAP_TYPE_##kind); __uint(max_entries, 8); __VA_ARGS__ } name SEC(".maps");
#define KEYED __type(key, __u32); __type(value, __u64);
MAP(hash, HASH, KEYED) MAP(array, ARRAY, KEYED) MAP(lru, LRU_HASH, KEYED)
MAP(per_cpu, PERCPU_HASH, KEYED) MAP(per_cpu_array, PERCPU_ARRAY, KEYED) MAP(per_cpu_lru, LRU_PERCPU_HASH, KEYED)
#define USES(name) SEC("socket") int uses_##name(void *ctx) { __u32 k = 1; return bpf_map_lookup_elem(&name, &k) != 0; }
USES(hash) USES(array) USES(lru) USES(per_cpu) USES(per_cpu_array) USES(per_cpu_lru)
