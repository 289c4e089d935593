package player

import (
	"reflect"
	"strings"
	"testing"

	"github.com/cilium/ebpf"

	"crossbpf/agent/protocol"
)

func TestWhereProgramsAttachBySection(t *testing.T) {
	for _, c := range []struct {
		section string
		kind    ebpf.ProgramType
		want    *protocol.AttachTarget
	}{
		{"kprobe/vfs_open", ebpf.Kprobe, &protocol.AttachTarget{At: "kprobe", Symbol: "vfs_open"}},
		{"?kretprobe/vfs_open", ebpf.Kprobe, &protocol.AttachTarget{At: "kprobe", Symbol: "vfs_open"}},
		{"kprobe/vfs_open+0x10", ebpf.Kprobe, &protocol.AttachTarget{At: "kprobe", Symbol: "vfs_open", Offset: 16}},
		{"kprobe.multi/tcp_*", ebpf.Kprobe, &protocol.AttachTarget{At: "kprobe", Symbol: "tcp_*"}},
		{"ksyscall/openat", ebpf.Kprobe, &protocol.AttachTarget{At: "kprobe", Symbol: "openat"}},
		{"uprobe//usr/bin/a:b", ebpf.Kprobe, &protocol.AttachTarget{At: "uprobe", File: "/usr/bin/a", Symbol: "b"}},
		{"tracepoint/sched/sched_switch", ebpf.TracePoint, &protocol.AttachTarget{At: "tracepoint", Group: "sched", Name: "sched_switch"}},
		{"tp/sched/sched_switch", ebpf.TracePoint, &protocol.AttachTarget{At: "tracepoint", Group: "sched", Name: "sched_switch"}},
		{"raw_tp/sys_enter", ebpf.RawTracepoint, &protocol.AttachTarget{At: "raw-tracepoint", Name: "sys_enter"}},
		{"raw_tracepoint.w/nbd", ebpf.RawTracepointWritable, &protocol.AttachTarget{At: "raw-tracepoint", Name: "nbd"}},
		{"xdp", ebpf.XDP, &protocol.AttachTarget{At: "interface", Interface: "veth"}},
		{"tc/egress", ebpf.SchedCLS, &protocol.AttachTarget{At: "interface", Interface: "veth"}},
		{"netfilter", ebpf.Netfilter, &protocol.AttachTarget{At: "netfilter", Hook: "input"}},
		{"socket", ebpf.SocketFilter, &protocol.AttachTarget{At: "socket"}},
		{"cgroup/connect4", ebpf.CGroupSockAddr, &protocol.AttachTarget{At: "cgroup"}},
		{"sockops", ebpf.SockOps, &protocol.AttachTarget{At: "cgroup"}},
		{"fentry/vfs_open", ebpf.Tracing, nil},
		{"lsm/file_open", ebpf.LSM, nil},
		{"sk_lookup", ebpf.SkLookup, nil},
	} {
		got, err := defaultTarget(&ebpf.ProgramSpec{SectionName: c.section, Type: c.kind})
		if err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v, %v", c.section, got, err)
		}
		if got != nil && !suits(got.At, c.kind) {
			t.Errorf("%s cannot be attached to a %s", c.section, got.At)
		}
	}
}

func TestSectionsThatDoNotSayWhere(t *testing.T) {
	for _, c := range []struct {
		section string
		kind    ebpf.ProgramType
		want    string
	}{
		{"kprobe", ebpf.Kprobe, "does not say"},
		{"uprobe", ebpf.Kprobe, "does not say"},
		{"uprobe/a", ebpf.Kprobe, "does not have the form uprobe/FILE:FUNCTION"},
		{"usdt/a:b:c", ebpf.Kprobe, "not attached by this version"},
		{"kprobe/a+b", ebpf.Kprobe, `"b" is no offset`},
		{"tp/sched", ebpf.TracePoint, "tracepoint/GROUP/NAME"},
		{"raw_tp", ebpf.RawTracepoint, "raw_tp/NAME"},
		{"perf_event", ebpf.PerfEvent, "does not say"},
		{"sk_msg", ebpf.SkMsg, "does not say"},
	} {
		got, err := defaultTarget(&ebpf.ProgramSpec{Name: "it", SectionName: c.section, Type: c.kind})
		if got != nil || err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %+v, %v", c.section, got, err)
		}
	}
}

func TestFunctionsThatAPatternNames(t *testing.T) {
	const text = "tcp_v4_rcv\ntcp_v6_rcv [ipv6]\ntcp_sendmsg\ntcp_v4_rcv\n"
	got, err := matchingNames("tcp_v?_rcv", text)
	if err != nil || !reflect.DeepEqual(got, []string{"tcp_v4_rcv", "tcp_v6_rcv"}) {
		t.Errorf("%v, %v", got, err)
	}
	if _, err := matchingNames("udp_*", text); err == nil || !strings.Contains(err.Error(), "no function udp_*") {
		t.Error(err)
	}
	if _, err := matchingNames("[", text); err == nil || !strings.Contains(err.Error(), "no pattern") {
		t.Error(err)
	}
}
