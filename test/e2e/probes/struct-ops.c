#include "probe.h"

struct sock { int unused; } __attribute__((preserve_access_index));
struct ack_sample { int unused; };
struct tcp_congestion_ops { char name[16]; __u32 (*ssthresh)(struct sock *); void (*cong_avoid)(struct sock *, __u32, __u32); __u32 (*undo_cwnd)(struct sock *); };
SEC("struct_ops/probe_threshold") __u32 BPF_PROG(probe_threshold, struct sock *sk) { return 2; }
SEC("struct_ops/probe_avoid") void BPF_PROG(probe_avoid, struct sock *sk, __u32 ack, __u32 acked) {}
SEC("struct_ops/probe_undo") __u32 BPF_PROG(probe_undo, struct sock *sk) { return 3; }
SEC(".struct_ops") struct tcp_congestion_ops probe_ops = { .name = "probe", .ssthresh = (void *)probe_threshold, .cong_avoid = (void *)probe_avoid, .undo_cwnd = (void *)probe_undo };
