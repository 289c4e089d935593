// Programs for test runs.
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

__u32 runs;

// Turns the first two bytes round and takes the last two away.
SEC("xdp") int turns(struct xdp_md *ctx) {
	__u8 *data = (void *)(long)ctx->data;
	if (data + 2 > (__u8 *)(long)ctx->data_end) return XDP_ABORTED;
	__u8 first = data[0];
	data[0] = data[1];
	data[1] = first;
	runs++;
	return bpf_xdp_adjust_tail(ctx, -2) ? XDP_ABORTED : XDP_TX;
}

// Returns what the caller put there, and marks it.
SEC("tc") int marks(struct __sk_buff *ctx) {
	ctx->cb[1] = 0x55;
	return ctx->cb[0];
}

SEC("raw_tp/none") int first_argument(struct bpf_raw_tracepoint_args *ctx) { return ctx->args[0]; }

struct arguments { __u64 in, out; };
SEC("syscall") int doubles(struct arguments *ctx) {
	ctx->out = 2 * ctx->in;
	return 9;
}

const volatile __u32 rounds = 1;
static long turn(__u32 index, void *ctx) { return 0; }
static long round(__u32 index, void *ctx) { return bpf_loop(1 << 23, turn, 0, 0) < 0; }
// Takes some tenths of a second a round, and nothing interrupts one run of a program.
SEC("xdp") int loops(struct xdp_md *ctx) {
	bpf_loop(rounds, round, 0, 0);
	return XDP_PASS;
}

// Ten million of them take minutes.
SEC("xdp") int counts_to_1000(struct xdp_md *ctx) {
	__u32 sum = 0;
	for (__u32 i = 0; i < 1000; i++) {
		sum += i;
		asm volatile("" : "+r"(sum)); // the compiler knows the sum otherwise
	}
	return sum & 1;
}
char _license[] SEC("license") = "GPL";
