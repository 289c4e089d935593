package features

import (
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"

	"crossbpf/agent/protocol"
)

// options matter to BPF: to what can be loaded, to what it can attach to, or to what it may see.
var options = []string{
	"CONFIG_BPF", "CONFIG_BPF_SYSCALL", "CONFIG_BPF_JIT", "CONFIG_BPF_JIT_ALWAYS_ON", "CONFIG_BPF_JIT_DEFAULT_ON",
	"CONFIG_BPF_UNPRIV_DEFAULT_OFF", "CONFIG_BPF_PRELOAD", "CONFIG_BPF_LSM", "CONFIG_BPF_EVENTS",
	"CONFIG_BPF_KPROBE_OVERRIDE", "CONFIG_BPF_STREAM_PARSER", "CONFIG_CGROUP_BPF", "CONFIG_CGROUPS", "CONFIG_CGROUP_NET_CLASSID",
	"CONFIG_DEBUG_INFO_BTF", "CONFIG_DEBUG_INFO_BTF_MODULES", "CONFIG_DYNAMIC_FTRACE", "CONFIG_DYNAMIC_FTRACE_WITH_DIRECT_CALLS",
	"CONFIG_FPROBE", "CONFIG_FTRACE_SYSCALLS", "CONFIG_FUNCTION_ERROR_INJECTION", "CONFIG_FUNCTION_TRACER",
	"CONFIG_HID_BPF", "CONFIG_HZ", "CONFIG_INET", "CONFIG_IPV6", "CONFIG_KALLSYMS_ALL", "CONFIG_KPROBES", "CONFIG_KPROBE_EVENTS",
	"CONFIG_LIRC", "CONFIG_BPF_LIRC_MODE2", "CONFIG_LWTUNNEL", "CONFIG_LWTUNNEL_BPF", "CONFIG_NET", "CONFIG_NETFILTER_BPF_LINK",
	"CONFIG_NETKIT", "CONFIG_NET_ACT_BPF", "CONFIG_NET_CLS_ACT", "CONFIG_NET_CLS_BPF", "CONFIG_NET_SCH_BPF",
	"CONFIG_NET_SCH_INGRESS", "CONFIG_NF_CONNTRACK", "CONFIG_PERF_EVENTS", "CONFIG_SCHED_CLASS_EXT", "CONFIG_SECURITY",
	"CONFIG_TRACEPOINTS", "CONFIG_TRACING", "CONFIG_UPROBES", "CONFIG_UPROBE_EVENTS", "CONFIG_XDP_SOCKETS", "CONFIG_XFRM",
}

// kernelConfig reads the options from the configuration that the guest was given; without one the list is empty.
func kernelConfig() []protocol.ConfigValue {
	list := []protocol.ConfigValue{}
	text, err := os.ReadFile("/boot/config")
	if err != nil {
		return list
	}
	values := map[string]string{}
	for line := range strings.SplitSeq(string(text), "\n") {
		if name, value, found := strings.Cut(line, "="); found && strings.HasPrefix(name, "CONFIG_") {
			values[name] = strings.Trim(value, `"`)
		}
	}
	for _, name := range slices.Sorted(slices.Values(options)) {
		value, set := values[name]
		if !set {
			value = "n"
		}
		list = append(list, protocol.ConfigValue{Name: name, Value: value})
	}
	return list
}

func jitFacts() protocol.JITFacts {
	const folder = "/proc/sys/net/core/bpf_jit_"
	facts := protocol.JITFacts{Enable: setting(folder + "enable"), Harden: setting(folder + "harden")}
	if text, err := os.ReadFile(folder + "limit"); err == nil {
		if value, err := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64); err == nil {
			facts.Limit = &value
		}
	}
	return facts
}

func setting(file string) *int {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil
	}
	value, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return nil
	}
	return &value
}

func btfFacts() protocol.BTFFacts {
	const folder = "/sys/kernel/btf"
	facts := protocol.BTFFacts{Modules: []string{}}
	entries, _ := os.ReadDir(folder)
	for _, entry := range entries {
		if name := path.Base(entry.Name()); name == "vmlinux" {
			facts.Vmlinux = true
		} else {
			facts.Modules = append(facts.Modules, name)
		}
	}
	return facts
}

func activeLSMs() []string {
	text, err := os.ReadFile("/sys/kernel/security/lsm")
	if err != nil || len(text) == 0 {
		return []string{}
	}
	return strings.Split(strings.TrimSpace(string(text)), ",")
}

// limits tries how large a program may be.
func (s *survey) limits() protocol.LimitFacts {
	facts := protocol.LimitFacts{
		BoundedLoops: s.hasLoop(), UnprivilegedDisabled: setting("/proc/sys/kernel/unprivileged_bpf_disabled"),
	}
	for _, size := range []int{256, 512, 1024} {
		if s.accepts([]instruction{{code: 0x7a, regs: 10, offset: int16(-size)}, setR0, exit}) {
			facts.StackBytes = size
		}
	}
	// 5.2, c04c0d2b968a ("bpf: increase complexity limit and maximum program size"): it was 4096 before.
	long := make([]instruction, 4096, 4097)
	for i := range long {
		long[i] = setR0
	}
	large := attempt{kind: kind{program: ebpf.SocketFilter}, insns: append(long, exit), silent: true}
	facts.LargePrograms = s.load(large).errno == 0
	return facts
}
