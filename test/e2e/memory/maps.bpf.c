#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

#define MAP(name, map_type, entries, value_bytes)      \
	struct {                                       \
		__uint(type, map_type);                \
		__uint(max_entries, entries);          \
		__type(key, __u32);                    \
		__uint(value_size, value_bytes);       \
	} name SEC(".maps")

MAP(large_array, BPF_MAP_TYPE_ARRAY, 600000, 1024);
MAP(large_hash, BPF_MAP_TYPE_HASH, 4000000, 256);
MAP(small, BPF_MAP_TYPE_ARRAY, 6, 4);

static __always_inline int look_into(void *map)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(map, &key) ? XDP_DROP : XDP_PASS;
}

SEC("xdp")
int in_array(struct xdp_md *ctx)
{
	return look_into(&large_array);
}

SEC("xdp")
int in_hash(struct xdp_md *ctx)
{
	return look_into(&large_hash);
}

SEC("xdp")
int in_small(struct xdp_md *ctx)
{
	return look_into(&small);
}

char _license[] SEC("license") = "Dual MIT/GPL";
