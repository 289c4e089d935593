// A congestion control, which the kernel knows by the name that it gives itself.
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

struct sock;
struct tcp_congestion_ops {
	__u32 (*ssthresh)(struct sock *sk);
	void (*cong_avoid)(struct sock *sk, __u32 ack, __u32 acked);
	__u32 (*undo_cwnd)(struct sock *sk);
	void (*init)(struct sock *sk);
	char name[16];
} __attribute__((preserve_access_index));

__u32 inits;

SEC("struct_ops") __u32 BPF_PROG(ssthresh, struct sock *sk) { return 2; }
SEC("struct_ops") void BPF_PROG(cong_avoid, struct sock *sk, __u32 ack, __u32 acked) {}
SEC("struct_ops") __u32 BPF_PROG(undo_cwnd, struct sock *sk) { return 2; }
SEC("struct_ops") void BPF_PROG(init, struct sock *sk) { __sync_fetch_and_add(&inits, 1); }

SEC(".struct_ops.link") struct tcp_congestion_ops calm = {
	.ssthresh = (void *)ssthresh,
	.cong_avoid = (void *)cong_avoid,
	.undo_cwnd = (void *)undo_cwnd,
	.init = (void *)init,
	.name = "bpf_calm",
};
char _license[] SEC("license") = "GPL";
