package names

import "testing"

func TestTheNearestSection(t *testing.T) {
	for name, want := range map[string]string{
		"xpd":                 "xdp",
		"?xpd":                "xdp",
		"kporbe/do_exit":      "kprobe/do_exit",
		"cgroup/conect4":      "cgroup/connect4",
		"fentri/tcp_connect":  "fentry/tcp_connect",
		"trace/sched/switch":  "",
		"filter":              "",
		"loadbalancer":        "",
		"raw_tp_/sys_enter":   "raw_tp/sys_enter",
		"cgroup_skb/egres":    "cgroup_skb/egress",
		"tracepiont/sched/sw": "tracepoint/sched/sw",
	} {
		if got := NearestSection(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}
