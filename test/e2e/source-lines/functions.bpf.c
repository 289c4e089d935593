// Programs that every kernel rejects, in places that are not where the program begins: the kernel numbers
// instructions over the program with its functions behind it, and counts a load of 64 bits as two.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include "checks.h"

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 4);
	__type(key, __u32);
	__type(value, __u64);
} counts SEC(".maps");

const volatile __u64 limit = 1000;
__u64 table[8];

static __attribute__((noinline)) __u64 unchecked(__u32 *key)
{
	__u64 *count = bpf_map_lookup_elem(&counts, key);

	if (*key == 4)
		return limit;
	return *count; // rejected here: in_function
}

static __attribute__((noinline)) __u64 checked(__u32 *key)
{
	__u64 *count = bpf_map_lookup_elem(&counts, key);

	return count && *count < limit ? *count + *key : bpf_get_prandom_u32();
}

__attribute__((noinline)) int slot_of(struct __sk_buff *skb)
{
	return table[skb->mark]; // rejected here: in_global_function
}

SEC("tc")
int in_function(struct __sk_buff *skb)
{
	__u32 key = bpf_get_prandom_u32();
	__u64 count = checked(&key);

	if (count > limit)
		return 3;
	return unchecked(&key) > count;
}

SEC("tc")
int in_global_function(struct __sk_buff *skb)
{
	__u32 key = skb->len;

	return checked(&key) > limit && slot_of(skb);
}

SEC("tc")
int in_header(struct __sk_buff *skb)
{
	return first_byte(skb) + limit;
}

/* Found before any instruction is verified. */
SEC("tc")
int beyond_the_end(struct __sk_buff *skb)
{
	__u64 mark = skb->mark + limit;

	asm volatile("goto +1000"); // rejected here: beyond_the_end
	return mark;
}

/* The way to the error goes past branches that were verified before it. */
SEC("tc")
int after_branches(struct __sk_buff *skb)
{
	__u32 key = skb->len;
	__u64 *count = bpf_map_lookup_elem(&counts, &key);

	if (skb->mark == 4) {
		if (!count)
			return 0;
		*count += 1;
		return 4;
	}
	key = bpf_get_prandom_u32();
	bpf_map_delete_elem(&counts, &key);
	return *count; // rejected here: after_branches
}

/* Nothing is wrong with any one instruction. */
static __attribute__((noinline)) int deep(__u32 seed)
{
	volatile char bytes[300];

	bytes[seed & 127] = seed;
	return bytes[(seed >> 8) & 127];
}

SEC("tc")
int too_deep(struct __sk_buff *skb)
{
	volatile char bytes[400];

	bytes[skb->hash & 255] = 1;
	return deep(skb->hash) + bytes[skb->mark & 255];
}

char _license[] SEC("license") = "GPL";
