#include "probe.h"

struct key { __u32 length; __u8 address[4]; };
struct { __uint(type, BPF_MAP_TYPE_LPM_TRIE); __uint(max_entries, 4); __uint(map_flags, BPF_F_NO_PREALLOC); __type(key, struct key); __type(value, __u32); } routes SEC(".maps");
SEC("socket") int uses(void *ctx) { struct key k = { 32, { 10, 0, 0, 1 } }; return bpf_map_lookup_elem(&routes, &k) != 0; }
