#include "probe.h"

struct sock { int unused; } __attribute__((preserve_access_index));
struct tcp_congestion_ops { char name[16]; __u32 (*ssthresh)(struct sock *); __u32 (*no_such_member)(struct sock *); };
SEC("struct_ops/absent_threshold") __u32 BPF_PROG(absent_threshold, struct sock *sk) { return 2; }
SEC("struct_ops/absent_member") __u32 BPF_PROG(absent_member, struct sock *sk) { return 3; }
SEC(".struct_ops") struct tcp_congestion_ops absent_ops = { .name = "absent", .ssthresh = (void *)absent_threshold, .no_such_member = (void *)absent_member };
