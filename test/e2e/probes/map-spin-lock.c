#include "probe.h"

struct value { struct bpf_spin_lock lock; int count; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct value); } locked SEC(".maps");
SEC("tc") int uses(void *ctx)
{
	__u32 k = 0;
	struct value *v = bpf_map_lookup_elem(&locked, &k);
	if (!v)
		return 0;
	bpf_spin_lock(&v->lock);
	v->count++;
	bpf_spin_unlock(&v->lock);
	return 0;
}
