/* libbpf 1.1 takes .struct_ops.link for a section of data. */
#include "probe.h"

struct sock { int unused; } __attribute__((preserve_access_index));
struct tcp_congestion_ops { char name[16]; __u32 (*ssthresh)(struct sock *); void (*cong_avoid)(struct sock *, __u32, __u32); __u32 (*undo_cwnd)(struct sock *); };
SEC("struct_ops") __u32 BPF_PROG(link_threshold, struct sock *sk) { return 2; }
SEC("struct_ops") void BPF_PROG(link_avoid, struct sock *sk, __u32 ack, __u32 acked) {}
SEC("struct_ops") __u32 BPF_PROG(link_undo, struct sock *sk) { return 3; }
SEC(".struct_ops.link") struct tcp_congestion_ops link_ops = { .name = "probe_link", .ssthresh = (void *)link_threshold, .cong_avoid = (void *)link_avoid, .undo_cwnd = (void *)link_undo };
