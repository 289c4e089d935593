/* A field that is declared wider or narrower than the kernel has it: the size of the access is the kernel's. */
#include "probe.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct sk_buff { __u64 len; };
struct sk_buff___narrow { unsigned short len; };
struct sk_buff___signed { long long len; };
struct task_struct { __u64 pid; };
struct task_struct___exact { int pid; };
#pragma clang attribute pop

SEC("tp_btf/kfree_skb") int BPF_PROG(wide, struct sk_buff *skb) { return skb->len; }
SEC("tp_btf/kfree_skb") int BPF_PROG(narrow, struct sk_buff___narrow *skb) { return skb->len; }
SEC("tp_btf/kfree_skb") int BPF_PROG(wide_signed, struct sk_buff___signed *skb) { return skb->len; }
SEC("tp_btf/task_newtask") int BPF_PROG(wide_of_signed, struct task_struct *task) { return task->pid; }
SEC("tp_btf/task_newtask") int BPF_PROG(exact, struct task_struct___exact *task) { return task->pid; }
