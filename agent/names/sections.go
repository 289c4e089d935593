package names

import "strings"

// sections are the beginnings of section names by which libbpf knows a program's type (section_defs in its src/libbpf.c).
var sections = strings.Fields(`
socket sk_reuseport/migrate sk_reuseport kprobe uprobe uprobe.s kretprobe uretprobe uretprobe.s kprobe.multi kretprobe.multi
kprobe.session uprobe.multi uretprobe.multi uprobe.session ksyscall kretsyscall usdt usdt.s tc/ingress tc/egress tcx/ingress
tcx/egress tc classifier action netkit/primary netkit/peer tracepoint tp raw_tracepoint raw_tp raw_tracepoint.w raw_tp.w tp_btf
fentry fmod_ret fexit fentry.s fmod_ret.s fexit.s fsession freplace lsm lsm.s lsm_cgroup iter iter.s syscall xdp.frags/devmap
xdp/devmap xdp.frags/cpumap xdp/cpumap xdp.frags xdp perf_event lwt_in lwt_out lwt_xmit lwt_seg6local sockops
sk_skb/stream_parser sk_skb/stream_verdict sk_skb sk_msg lirc_mode2 flow_dissector cgroup_skb/ingress cgroup_skb/egress
cgroup/skb cgroup/sock_create cgroup/sock_release cgroup/sock cgroup/post_bind4 cgroup/post_bind6 cgroup/bind4 cgroup/bind6
cgroup/connect4 cgroup/connect6 cgroup/connect_unix cgroup/sendmsg4 cgroup/sendmsg6 cgroup/sendmsg_unix cgroup/recvmsg4
cgroup/recvmsg6 cgroup/recvmsg_unix cgroup/getpeername4 cgroup/getpeername6 cgroup/getpeername_unix cgroup/getsockname4
cgroup/getsockname6 cgroup/getsockname_unix cgroup/sysctl cgroup/getsockopt cgroup/setsockopt cgroup/dev struct_ops
struct_ops.s sk_lookup netfilter`)

// NearestSection is the section name that may be meant by one that stands for no program type, as far as it says the type:
// `xdp` for `xpd`, `kprobe/do_exit` for `kporbe/do_exit`. It is "" where none is near.
func NearestSection(name string) string {
	name = strings.TrimPrefix(name, "?")
	best, fewest := "", 0
	for _, known := range sections {
		// As many parts as the known one has; what follows is the program's own.
		parts := strings.SplitAfterN(name, "/", strings.Count(known, "/")+2)
		kind := strings.TrimSuffix(strings.Join(parts[:min(len(parts), strings.Count(known, "/")+1)], ""), "/")
		distance := editDistance(kind, known)
		if distance <= max(1, min(len(kind), len(known))/3) && (best == "" || distance < fewest) {
			best, fewest = known+strings.TrimPrefix(name, kind), distance
		}
	}
	return best
}

// editDistance counts the letters to put in, to take out, to replace, or to swap with the next one.
func editDistance(from, to string) int {
	before, row := make([]int, len(to)+1), make([]int, len(to)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(from) {
		next := make([]int, len(to)+1)
		next[0] = i + 1
		for j := range len(to) {
			replaced := row[j]
			if from[i] != to[j] {
				replaced++
			}
			next[j+1] = min(replaced, row[j+1]+1, next[j]+1)
			if i > 0 && j > 0 && from[i] == to[j-1] && from[i-1] == to[j] {
				next[j+1] = min(next[j+1], before[j-1]+1)
			}
		}
		before, row = row, next
	}
	return row[len(to)]
}
