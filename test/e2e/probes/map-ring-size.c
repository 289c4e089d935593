/* A ring whose size is no power of two, and one that leaves it to the loader. */
#include "probe.h"

struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 5000); } odd SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); } unsized SEC(".maps");
SEC("tc") int uses_odd(void *ctx) { __u64 v = 0; return bpf_ringbuf_output(&odd, &v, 8, 0); }
SEC("tc") int uses_unsized(void *ctx) { __u64 v = 0; return bpf_ringbuf_output(&unsized, &v, 8, 0); }
