// A program for each kind of hook, which counts under its own number what its trigger makes happen.
#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/ip.h>
#include <linux/types.h>
#include <linux/udp.h>
#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

enum hook { KPROBE, KRETPROBE, KSYSCALL, KPROBE_MULTI, TRACEPOINT, RAW_TP, TP_BTF, FENTRY, FEXIT, LSM, UPROBE, URETPROBE,
	PERF_EVENT, XDP, TC_INGRESS, TC_EGRESS, TCX, CGROUP_INGRESS, CGROUP_EGRESS, CONNECT4, SENDMSG4, SOCK_CREATE, SYSCTL,
	DEVICE, SETSOCKOPT, SOCKOPS, SOCKET, SK_LOOKUP, FLOW_DISSECTOR, NETFILTER, EXECUTED, HOOKS };
struct {
	// Whether the hooks that decide shall refuse.
	__u32 denies;
	__u32 hits[HOOKS];
} state;

static __always_inline int count(enum hook hook) {
	__sync_fetch_and_add(&state.hits[hook], 1);
	return 0;
}

// The stage and its children are told from all else by their names.
static __always_inline int is_ours(void) {
	char name[16];
	bpf_get_current_comm(name, sizeof(name));
	return name[0] == 'c' && name[1] == 'r' && name[7] == 'f' && name[8] == 0;
}

static __always_inline int count_ours(enum hook hook) { return is_ours() ? count(hook) : 0; }

SEC("kprobe/vfs_open") int on_kprobe(void *ctx) { return count_ours(KPROBE); }
SEC("kretprobe/vfs_open") int on_kretprobe(void *ctx) { return count_ours(KRETPROBE); }
SEC("ksyscall/openat") int on_ksyscall(void *ctx) { return count_ours(KSYSCALL); }
SEC("kprobe.multi/vfs_ope?") int on_kprobe_multi(void *ctx) { return count_ours(KPROBE_MULTI); }
SEC("tracepoint/syscalls/sys_enter_openat") int on_tracepoint(void *ctx) { return count_ours(TRACEPOINT); }
SEC("raw_tp/sys_enter") int on_raw_tp(struct bpf_raw_tracepoint_args *ctx) {
	return ctx->args[1] == 257 ? count_ours(RAW_TP) : 0; // openat on x86-64
}
SEC("tp_btf/sched_process_exec") int on_tp_btf(void *ctx) { return count(TP_BTF); }
SEC("fentry/vfs_open") int on_fentry(void *ctx) { return count_ours(FENTRY); }
SEC("fexit/vfs_open") int on_fexit(void *ctx) { return count_ours(FEXIT); }
SEC("lsm/file_open") int on_lsm(void *ctx) {
	if (!is_ours()) return 0;
	count(LSM);
	return state.denies ? -1 : 0;
}
SEC("uprobe") int on_uprobe(void *ctx) { return count(UPROBE); }
SEC("uretprobe//proc/self/exe:crossbpf_trigger") int on_uretprobe(void *ctx) { return count(URETPROBE); }
SEC("perf_event") int on_perf_event(void *ctx) { return count(PERF_EVENT); }

SEC("xdp") int on_xdp(struct xdp_md *ctx) { count(XDP); return state.denies ? XDP_DROP : XDP_PASS; }
SEC("tc") int on_tc(struct __sk_buff *ctx) { count(TC_INGRESS); return state.denies ? 2 : 0; }
SEC("tc/egress") int on_tc_egress(struct __sk_buff *ctx) { count(TC_EGRESS); return 0; }
SEC("tcx/ingress") int on_tcx(struct __sk_buff *ctx) { count(TCX); return -1; }
SEC("cgroup_skb/ingress") int on_cgroup_ingress(struct __sk_buff *ctx) { count(CGROUP_INGRESS); return !state.denies; }
SEC("cgroup_skb/egress") int on_cgroup_egress(struct __sk_buff *ctx) { count(CGROUP_EGRESS); return !state.denies; }
SEC("cgroup/connect4") int on_connect4(struct bpf_sock_addr *ctx) { count(CONNECT4); return !state.denies; }
SEC("cgroup/sendmsg4") int on_sendmsg4(struct bpf_sock_addr *ctx) { count(SENDMSG4); return !state.denies; }
SEC("cgroup/sock_create") int on_sock_create(struct bpf_sock *ctx) { count(SOCK_CREATE); return !state.denies; }
SEC("cgroup/sysctl") int on_sysctl(struct bpf_sysctl *ctx) { count(SYSCTL); return !state.denies; }
SEC("cgroup/dev") int on_device(struct bpf_cgroup_dev_ctx *ctx) { count(DEVICE); return !state.denies; }
SEC("cgroup/setsockopt") int on_setsockopt(struct bpf_sockopt *ctx) { count(SETSOCKOPT); return 1; }
SEC("sockops") int on_sockops(struct bpf_sock_ops *ctx) {
	return ctx->op == BPF_SOCK_OPS_ACTIVE_ESTABLISHED_CB ? count(SOCKOPS) : 0;
}
SEC("socket") int on_socket(struct __sk_buff *ctx) { count(SOCKET); return state.denies ? 0 : -1; }
SEC("sk_lookup") int on_sk_lookup(struct bpf_sk_lookup *ctx) { count(SK_LOOKUP); return state.denies ? SK_DROP : SK_PASS; }
SEC("flow_dissector") int on_flow_dissector(struct __sk_buff *ctx) { count(FLOW_DISSECTOR); return BPF_DROP; }
// Makes the kernel dissect each packet.
SEC("tc") int on_hash(struct __sk_buff *ctx) { bpf_get_hash_recalc(ctx); return 0; }
SEC("netfilter") int on_netfilter(void *ctx) { count(NETFILTER); return !state.denies; }

// What runs in a child: its name is crossbpf-child once it is executed.
SEC("tracepoint/sched/sched_process_exec") int on_exec(void *ctx) {
	char name[16];
	bpf_get_current_comm(name, sizeof(name));
	return name[8] == '-' && name[9] == 'c' ? count(EXECUTED) : 0;
}

// Text about a map's entries.
struct { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 2); __type(key, __u32); __type(value, __u32); } listed SEC(".maps");
struct seq_file;
struct bpf_iter_meta { struct seq_file *seq; } __attribute__((preserve_access_index));
struct bpf_iter__bpf_map_elem { struct bpf_iter_meta *meta; void *map; void *key; void *value; } __attribute__((preserve_access_index));
SEC("iter/bpf_map_elem") int on_iterator(struct bpf_iter__bpf_map_elem *ctx) {
	static const char format[] = "%d is %d\n";
	__u32 *key = ctx->key, *value = ctx->value;
	if (!key || !value) return 0;
	__u64 numbers[] = {*key, *value};
	bpf_seq_printf(ctx->meta->seq, format, sizeof(format), numbers, sizeof(numbers));
	return 0;
}

// Programs of sockmaps.
struct { __uint(type, BPF_MAP_TYPE_SOCKMAP); __uint(max_entries, 2); __type(key, __u32); __type(value, __u64); } sockets SEC(".maps");
SEC("sk_msg") int on_sk_msg(struct sk_msg_md *ctx) { return SK_PASS; }

char _license[] SEC("license") = "GPL";
