/* Key and value by their sizes in place of their types, and one of each. */
#include "probe.h"

struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __uint(key_size, 4); __uint(value_size, 8); } both SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, __u32); __uint(key_size, 4); __uint(value_size, 8); } key_twice SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __uint(key_size, 4); __type(value, __u64); } mixed SEC(".maps");
#define USES(name) SEC("socket") int uses_##name(void *ctx) { __u32 k = 1; __u64 *v = bpf_map_lookup_elem(&name, &k); return v ? *v : 0; }
USES(both) USES(key_twice) USES(mixed)
