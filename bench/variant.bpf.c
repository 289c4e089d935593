// One program of bench/many-programs.ts: VARIANT makes each object another one, of about the same cost.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 64 + VARIANT);
	__type(key, __u32);
	__type(value, __u64);
} seen SEC(".maps");

SEC("xdp")
int variant(struct xdp_md *ctx)
{
	void *data = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = data;
	struct iphdr *ip = (void *)(eth + 1);
	__u32 sum = VARIANT;

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return XDP_PASS;
#pragma unroll
	for (int i = 0; i < 4 + VARIANT % 8; i++)
		sum += ((__u8 *)ip)[i] * (VARIANT + i);

	__u64 *count = bpf_map_lookup_elem(&seen, &sum);
	if (count)
		__sync_fetch_and_add(count, 1);
	return sum % 7 == 0 ? XDP_DROP : XDP_PASS;
}

char _license[] SEC("license") = "GPL";
