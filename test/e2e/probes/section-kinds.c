#include "probe.h"

#define ONE(section, name) SEC(section) int name(void *ctx) { return 0; }
ONE("socket", of_socket) ONE("tc", of_tc) ONE("classifier", of_classifier) ONE("action", of_action) ONE("xdp", of_xdp)
ONE("xdp.frags", of_xdp_frags) ONE("xdp/devmap", of_xdp_devmap) ONE("xdp/cpumap", of_xdp_cpumap)
ONE("kprobe/do_nanosleep", of_kprobe) ONE("kretprobe/do_nanosleep", of_kretprobe) ONE("uprobe", of_uprobe)
ONE("tracepoint/syscalls/sys_enter_openat", of_tracepoint) ONE("tp/sched/sched_switch", of_tp) ONE("raw_tp/sched_switch", of_raw_tp)
ONE("raw_tracepoint.w/sched_switch", of_raw_writable) ONE("perf_event", of_perf_event) ONE("lwt_in", of_lwt_in)
ONE("lwt_out", of_lwt_out) ONE("lwt_xmit", of_lwt_xmit) ONE("lwt_seg6local", of_seg6local) ONE("flow_dissector", of_dissector)
ONE("cgroup_skb/ingress", of_ingress) ONE("cgroup_skb/egress", of_egress) ONE("cgroup/skb", of_cgroup_skb)
ONE("cgroup/dev", of_device) ONE("cgroup/sock", of_sock) ONE("cgroup/post_bind4", of_bind4) ONE("cgroup/sysctl", of_sysctl)
ONE("cgroup/getsockopt", of_getsockopt) ONE("cgroup/setsockopt", of_setsockopt) ONE("cgroup/connect4", of_connect4)
ONE("cgroup/sendmsg6", of_sendmsg6) ONE("cgroup/recvmsg4", of_recvmsg4) ONE("cgroup/getpeername4", of_peername4)
ONE("sockops", of_sockops) ONE("sk_skb/stream_parser", of_parser) ONE("sk_skb/stream_verdict", of_verdict) ONE("sk_skb", of_sk_skb)
ONE("sk_msg", of_sk_msg) ONE("sk_reuseport", of_reuseport) ONE("sk_reuseport/migrate", of_migrate) ONE("sk_lookup", of_lookup)
ONE("lirc_mode2", of_lirc) ONE("syscall", of_syscall)
