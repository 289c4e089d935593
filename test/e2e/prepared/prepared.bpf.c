#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

/* The verifier reads it, and so goes round the loop as often. */
const volatile __u64 rounds = 0x0123456789abcdef;

volatile __u64 total;

static __attribute__((noinline)) __u64 count(__u32 key)
{
	__u64 *value = bpf_map_lookup_elem(&counts, &key);

	return value ? *value : 0;
}

SEC("socket")
int looping(void *ctx)
{
	__u64 last = rounds & 0xff;

	for (__u64 i = 0; i < last; i++)
		total += i;
	return 0;
}

SEC("socket")
int calling(void *ctx)
{
	return count(1) + total;
}

char _license[] SEC("license") = "GPL";
