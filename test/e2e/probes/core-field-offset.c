/* Offsets of fields that moved, are nested, are in an anonymous union, or are an element of an array. */
#include "probe.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct list_head { struct list_head *next; };
struct load_weight { unsigned long weight; };
struct sched_entity { struct load_weight load; };
struct task_struct { int pid; int tgid; char comm[16]; struct task_struct *group_leader; struct sched_entity se; };
struct sk_buff { struct sk_buff *next; unsigned int len; };
#pragma clang attribute pop

SEC("raw_tp/sched_switch") int plain(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)ctx->args[1];
	return BPF_CORE_READ(task, pid) + BPF_CORE_READ(task, tgid);
}
SEC("raw_tp/sched_switch") int nested(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)ctx->args[1];
	return BPF_CORE_READ(task, group_leader, se.load.weight);
}
SEC("raw_tp/sched_switch") int element(struct bpf_raw_tracepoint_args *ctx)
{
	struct task_struct *task = (void *)ctx->args[1];
	return BPF_CORE_READ(task, comm[3]);
}
SEC("raw_tp/consume_skb") int anonymous(struct bpf_raw_tracepoint_args *ctx)
{
	struct sk_buff *skb = (void *)ctx->args[0];
	return BPF_CORE_READ(skb, next, len);
}
SEC("tp_btf/sched_switch") int BPF_PROG(direct, bool preempt, struct task_struct *prev, struct task_struct *next)
{
	return prev->pid + next->group_leader->tgid;
}
