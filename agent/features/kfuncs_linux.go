package features

import (
	"bufio"
	"os"
	"regexp"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"crossbpf/agent/protocol"
)

// errNotSupported is ENOTSUPP, which only the kernel has a name for.
const errNotSupported = unix.Errno(524)

// callers are kinds of which each is asked: a function is registered for a hook, and these are of different hooks or have
// filters of their own (bpf_prog_type_to_kfunc_hook in kernel/bpf/btf.c). Of each struct_ops, one function is asked.
var callers = []string{
	"xdp", "sched_cls", "sched_act", "socket_filter", "cgroup_skb", "cgroup_sock_addr/cgroup_inet4_connect",
	"cgroup_sock_addr/cgroup_unix_connect", "cgroup_sockopt/cgroup_getsockopt", "sock_ops", "sk_skb", "lwt_xmit", "netfilter",
	"kprobe", "tracepoint", "perf_event", "raw_tracepoint", "tracing/trace_fentry", "tracing/trace_raw_tp",
	"tracing/trace_iter", "lsm/lsm_mac", "syscall",
}

func callersOf(kinds []kind) []kind {
	var list []kind
	seen := map[string]bool{}
	for _, k := range kinds {
		if !seen[k.name] && (slices.Contains(callers, k.name) || strings.HasPrefix(k.name, "struct_ops/")) {
			seen[k.name] = true
			list = append(list, k)
		}
	}
	return list
}

// kfuncs lists the kernel's functions that programs may call, with the kinds that may: which ones a function was
// registered for (register_btf_kfunc_id_set) is written nowhere, but a program that calls one is told. Functions of
// modules are not among them.
func (s *survey) kfuncs(kinds []kind) []protocol.Kfunc {
	list := []protocol.Kfunc{}
	kinds = callersOf(kinds)
	for _, name := range s.kfuncNames() {
		id := s.types.functions[name]
		if id == 0 {
			continue
		}
		found := protocol.Kfunc{Name: name, Kinds: []string{}}
		for _, k := range kinds {
			if slices.Contains(found.Kinds, k.name) {
				continue
			}
			allowed, sleepable := s.mayCall(k, id)
			if allowed {
				found.Kinds = append(found.Kinds, k.name)
			}
			found.Sleepable = found.Sleepable || sleepable
		}
		// Some sets are of functions that programs may change the result of, not call.
		if len(found.Kinds) > 0 {
			list = append(list, found)
		}
	}
	return list
}

// mayCall calls a kernel function from a program, without arguments (check_kfunc_call in kernel/bpf/verifier.c): whether
// it may is seen before what it is given, and then whether it must be able to sleep.
func (s *survey) mayCall(k kind, id uint32) (allowed, sleepable bool) {
	s.kfunc[0].imm = int32(id)
	said := s.load(attempt{kind: k, insns: s.kfunc})
	switch {
	case said.says("program must be sleepable", "sleepable kfunc"):
		return true, true
	case said.says("calling kernel function"), said.errno == errNotSupported:
		return false, false
	}
	return true, false
}

// kfuncNames are the functions that are marked in the kernel's types, which kernels are built with from 6.10 on (ebb79e96f1ea,
// "kbuild: bpf: Tell pahole to DECL_TAG kfuncs"), else those that the kernel's symbols tell.
func (s *survey) kfuncNames() []string {
	list := slices.Clone(s.types.tagged)
	if len(list) == 0 {
		list = s.listedKfuncs()
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// The macros of include/linux/btf_ids.h make symbols in the order of the IDs: one for a set, those of its functions behind.
var (
	setSymbol      = regexp.MustCompile(`^__BTF_ID__set8__`)
	functionSymbol = regexp.MustCompile(`^__BTF_ID__func__(.+)__\d+$`)
)

// listedKfuncs reads the sets of pairs of function and flags, which hold kfuncs alone since 5.19 (a4703e318432,
// "bpf: Switch to new kfunc flags infrastructure").
func (s *survey) listedKfuncs() []string {
	file, err := os.Open("/proc/kallsyms")
	if err != nil {
		s.unknown("kfuncs", err.Error())
		return nil
	}
	defer file.Close()
	type symbol struct{ address, name string }
	var symbols []symbol
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		line := lines.Text()
		at := strings.Index(line, "__BTF_ID__")
		if at < 0 {
			continue
		}
		symbols = append(symbols, symbol{line[:16], strings.Fields(line[at:])[0]})
	}
	slices.SortStableFunc(symbols, func(a, b symbol) int { return strings.Compare(a.address, b.address) })
	var list []string
	inSet := false
	for _, each := range symbols {
		if match := functionSymbol.FindStringSubmatch(each.name); match == nil {
			inSet = setSymbol.MatchString(each.name)
		} else if inSet {
			list = append(list, match[1])
		}
	}
	return list
}
