package features

import (
	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"crossbpf/agent/names"
)

// kind is a kind of program that the verifier treats in its own way: a program type, with what it attaches to where
// that decides which helpers there are.
type kind struct {
	name     string
	program  ebpf.ProgramType
	expected ebpf.AttachType
	flags    uint32
	attachID uint32
	// attachProg is a descriptor of the program that one of type ext extends.
	attachProg uint32
}

const (
	flagSleepable = unix.BPF_F_SLEEPABLE
	// attachFSession is BPF_TRACE_FSESSION, which the library has no name for.
	attachFSession ebpf.AttachType = 58
)

// simpleTypes need nothing but their type.
var simpleTypes = []ebpf.ProgramType{
	ebpf.SocketFilter, ebpf.Kprobe, ebpf.SchedCLS, ebpf.SchedACT, ebpf.TracePoint, ebpf.XDP, ebpf.PerfEvent,
	ebpf.CGroupSKB, ebpf.LWTIn, ebpf.LWTOut, ebpf.LWTXmit, ebpf.SockOps, ebpf.SkSKB, ebpf.CGroupDevice, ebpf.SkMsg,
	ebpf.RawTracepoint, ebpf.LWTSeg6Local, ebpf.LircMode2, ebpf.SkReuseport, ebpf.FlowDissector, ebpf.CGroupSysctl,
	ebpf.RawTracepointWritable,
}

// attachedTypes are checked for what they will attach to when they are loaded (bpf_prog_load_check_attach in
// kernel/bpf/syscall.c), and some helpers are there for some of it alone.
var attachedTypes = map[ebpf.ProgramType][]ebpf.AttachType{
	ebpf.CGroupSock: {ebpf.AttachCGroupInetSockCreate, ebpf.AttachCgroupInetSockRelease,
		ebpf.AttachCGroupInet4PostBind, ebpf.AttachCGroupInet6PostBind},
	ebpf.CGroupSockAddr: {ebpf.AttachCGroupInet4Bind, ebpf.AttachCGroupInet6Bind, ebpf.AttachCGroupInet4Connect,
		ebpf.AttachCGroupInet6Connect, ebpf.AttachCGroupUDP4Sendmsg, ebpf.AttachCGroupUDP6Sendmsg,
		ebpf.AttachCGroupUDP4Recvmsg, ebpf.AttachCGroupUDP6Recvmsg, ebpf.AttachCgroupInet4GetPeername,
		ebpf.AttachCgroupInet6GetPeername, ebpf.AttachCgroupInet4GetSockname, ebpf.AttachCgroupInet6GetSockname,
		ebpf.AttachCgroupUnixConnect, ebpf.AttachCgroupUnixSendmsg, ebpf.AttachCgroupUnixRecvmsg,
		ebpf.AttachCgroupUnixGetpeername, ebpf.AttachCgroupUnixGetsockname},
	ebpf.CGroupSockopt: {ebpf.AttachCGroupGetsockopt, ebpf.AttachCGroupSetsockopt},
	ebpf.SkLookup:      {ebpf.AttachSkLookup},
	ebpf.Netfilter:     {ebpf.AttachNetfilter},
}

// Targets that all kernels from 5.10 on have, and that tell kinds of tracing programs apart.
const (
	tracedFunction = "bpf_prog_free" // any function
	deniedFunction = "security_file_open"
	rawTracepoint  = "btf_trace_sched_switch"
)

// listKinds lists the kinds that this kernel's types have targets for, in a stable order.
func listKinds(types *kernelTypes) []kind {
	var kinds []kind
	add := func(k kind) {
		if k.name == "" {
			k.name = names.ProgramType(k.program)
		}
		kinds = append(kinds, k)
	}
	for _, t := range simpleTypes {
		add(kind{program: t})
	}
	for _, t := range []ebpf.ProgramType{
		ebpf.CGroupSock, ebpf.CGroupSockAddr, ebpf.CGroupSockopt, ebpf.SkLookup, ebpf.Netfilter,
	} {
		for _, attach := range attachedTypes[t] {
			add(kind{name: attachedName(t, attach), program: t, expected: attach})
		}
	}
	add(kind{program: ebpf.Syscall, flags: flagSleepable})
	// Since 6.0 programs on user space's functions may sleep: 64ad7556c75e ("bpf: allow sleepable uprobe programs").
	add(kind{name: "kprobe+sleepable", program: ebpf.Kprobe, flags: flagSleepable})
	if types == nil {
		return kinds
	}
	kinds = append(kinds, tracingKinds(types)...)
	kinds = append(kinds, lsmKinds(types)...)
	return append(kinds, structOpsKinds(types)...)
}

func attachedName(t ebpf.ProgramType, attach ebpf.AttachType) string {
	if len(attachedTypes[t]) == 1 {
		return names.ProgramType(t)
	}
	return names.ProgramType(t) + "/" + names.AttachType(attach, t)
}

func tracingKinds(types *kernelTypes) []kind {
	var kinds []kind
	add := func(attach ebpf.AttachType, flags, id uint32) {
		name := "tracing/" + names.AttachType(attach, ebpf.Tracing)
		if flags != 0 {
			name += "+sleepable"
		}
		if id != 0 {
			kinds = append(kinds, kind{name: name, program: ebpf.Tracing, expected: attach, flags: flags, attachID: id})
		}
	}
	add(ebpf.AttachTraceRawTp, 0, types.typedefs[rawTracepoint])
	for _, attach := range []ebpf.AttachType{ebpf.AttachTraceFEntry, ebpf.AttachTraceFExit} {
		add(attach, 0, types.functions[tracedFunction])
		// Not every function may be traced by a program that sleeps; system calls may.
		add(attach, flagSleepable, types.functions["__x64_sys_getpgid"])
	}
	add(ebpf.AttachModifyReturn, 0, types.functions[deniedFunction])
	add(ebpf.AttachModifyReturn, flagSleepable, types.functions[deniedFunction])
	for _, iterator := range []string{"bpf_iter_task", "bpf_iter_tcp", "bpf_iter_bpf_map_elem"} {
		add(ebpf.AttachTraceIter, 0, types.functions[iterator])
	}
	add(ebpf.AttachTraceIter, flagSleepable, types.functions["bpf_iter_task"])
	add(attachFSession, 0, types.functions[tracedFunction])
	return kinds
}

// lsmKinds tries hooks that have helpers of their own (bpf_lsm_func_proto in kernel/bpf/bpf_lsm.c).
func lsmKinds(types *kernelTypes) []kind {
	var kinds []kind
	for _, hook := range []string{"file_open", "socket_post_create", "bprm_committed_creds", "inet_conn_established"} {
		id := types.functions["bpf_lsm_"+hook]
		if id == 0 {
			continue
		}
		for _, variant := range []kind{
			{name: "lsm/lsm_mac", expected: ebpf.AttachLSMMac},
			{name: "lsm/lsm_mac+sleepable", expected: ebpf.AttachLSMMac, flags: flagSleepable},
			{name: "lsm/lsm_cgroup", expected: ebpf.AttachLSMCgroup},
		} {
			variant.program, variant.attachID = ebpf.LSM, id
			kinds = append(kinds, variant)
		}
	}
	return kinds
}
