#include "probe.h"

struct value { struct bpf_timer timer; };
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, struct value); } timers SEC(".maps");
static int fired(void *map, int *key, struct value *value) { return 0; }
SEC("tc") int uses(void *ctx)
{
	__u32 k = 0;
	struct value *v = bpf_map_lookup_elem(&timers, &k);
	if (!v)
		return 0;
	bpf_timer_init(&v->timer, &timers, 1);
	return bpf_timer_set_callback(&v->timer, fired);
}
