/* A stack has no keys; the kernel takes none with a key's size. */
#include "probe.h"

struct { __uint(type, BPF_MAP_TYPE_STACK); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } keyed SEC(".maps");
SEC("socket") int uses(void *ctx) { __u64 v = 1; return bpf_map_push_elem(&keyed, &v, 0); }
