/* Signedness and the two shifts of a bitfield, by direct reads and by bpf_probe_read. */
#include "probe.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct task_struct { unsigned int in_execve:1; unsigned int no_such_bit:1; int pid; };
struct sk_buff { __u8 pkt_type:3; __u8 cloned:1; };
#pragma clang attribute pop

SEC("tp_btf/task_newtask") int BPF_PROG(direct, struct task_struct *task) { return BPF_CORE_READ_BITFIELD(task, in_execve); }
SEC("tp_btf/kfree_skb") int BPF_PROG(direct_of_skb, struct sk_buff *skb) { return BPF_CORE_READ_BITFIELD(skb, pkt_type); }
SEC("raw_tp/task_newtask") int probed(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)ctx->args[0];
	return BPF_CORE_READ_BITFIELD_PROBED(task, in_execve);
}
SEC("tp_btf/task_newtask") int BPF_PROG(plain, struct task_struct *task) { return BPF_CORE_READ_BITFIELD(task, pid); }
SEC("tp_btf/task_newtask") int BPF_PROG(absent, struct task_struct *task) { return BPF_CORE_READ_BITFIELD(task, no_such_bit); }
