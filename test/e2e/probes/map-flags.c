#include "probe.h"

#define MAP(name, kind, flags) struct { __uint(type, BPF_MAP_TYPE_##kind); __uint(max_entries, 8); __uint(map_flags, flags); __type(key, __u32); __type(value, __u64); } name SEC(".maps");
MAP(no_prealloc, HASH, BPF_F_NO_PREALLOC) MAP(read_only, ARRAY, BPF_F_RDONLY_PROG) MAP(write_only, ARRAY, BPF_F_WRONLY_PROG)
MAP(zero_seed, HASH, BPF_F_ZERO_SEED) MAP(mapped, ARRAY, BPF_F_MMAPABLE)
#define USES(name) SEC("socket") int uses_##name(void *ctx) { __u32 k = 1; return bpf_map_lookup_elem(&name, &k) != 0; }
USES(no_prealloc) USES(read_only) USES(write_only) USES(zero_seed) USES(mapped)
SEC("socket") int writes_read_only(void *ctx) { __u32 k = 1; __u64 v = 1; return bpf_map_update_elem(&read_only, &k, &v, 0); }
