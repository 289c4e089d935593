/* A bloom filter's number of hash functions, from 5.16 on. */
#include "probe.h"

struct { __uint(type, BPF_MAP_TYPE_BLOOM_FILTER); __uint(max_entries, 100); __uint(map_extra, 3); __type(value, __u32); } filter SEC(".maps");
SEC("socket") int peeks(void *ctx) { __u32 v = 1; return bpf_map_peek_elem(&filter, &v); }
