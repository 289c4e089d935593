package loader

import (
	"errors"
	"testing"

	"github.com/cilium/ebpf"
)

// Messages as cilium/ebpf v0.22.0 writes them.
func TestDiagnose(t *testing.T) {
	for _, c := range []struct {
		message        string
		program        ebpf.ProgramSpec
		stage, missing string
	}{
		{`fixing up kfuncs: kfunc "bpf_no_such_kfunc": not supported`, ebpf.ProgramSpec{}, "relocate", "kfunc bpf_no_such_kfunc"},
		{`fixing up kfuncs: kfunc "bpf_iter_num_new": type mismatch between Void and Struct:"x": incompatible types`, ebpf.ProgramSpec{}, "relocate", "kfunc bpf_iter_num_new with this signature"},
		{"resolve .ksyms: kernel is missing symbol: one,two", ebpf.ProgramSpec{}, "relocate", "kernel symbol one,two"},
		{`resolve .kconfig: config option "CONFIG_X" does not exist on this kernel`, ebpf.ProgramSpec{}, "relocate", "kernel option CONFIG_X"},
		{"attach Tracing/TraceFEntry: fentry tcp_foo not supported", ebpf.ProgramSpec{Type: ebpf.Tracing, AttachType: ebpf.AttachTraceFEntry, AttachTo: "tcp_foo"}, "attach-target", "kernel function tcp_foo"},
		{"attach LSM/LSMMac: foo LSM hook not supported", ebpf.ProgramSpec{Type: ebpf.LSM, AttachType: ebpf.AttachLSMMac, AttachTo: "foo"}, "attach-target", "LSM hook foo"},
		{"attach Tracing/TraceRawTp: raw_tp foo not supported", ebpf.ProgramSpec{Type: ebpf.Tracing, AttachType: ebpf.AttachTraceRawTp, AttachTo: "foo"}, "attach-target", "tracepoint foo"},
		{"attach Tracing/TraceIter: foo iterator not supported", ebpf.ProgramSpec{Type: ebpf.Tracing, AttachType: ebpf.AttachTraceIter, AttachTo: "foo"}, "attach-target", "iterator foo"},
		{"attach StructOps/StructOps: struct_ops sched_ext_ops not supported", ebpf.ProgramSpec{Type: ebpf.StructOps, AttachType: ebpf.AttachStructOps, AttachTo: "sched_ext_ops:init"}, "attach-target", "struct_ops sched_ext_ops"},
		{`member "sub_attach" not found in sched_ext_ops`, ebpf.ProgramSpec{Type: ebpf.StructOps}, "attach-target", "struct_ops member sched_ext_ops.sub_attach"},
		{"apply CO-RE relocations: load kernel spec: no BTF found for kernel version 6.1: not supported", ebpf.ProgramSpec{}, "relocate", "kernel BTF"},
		{`lookup struct_ops kern type "sched_ext_ops": find target in modules: not found`, ebpf.ProgramSpec{Type: ebpf.StructOps, AttachTo: "sched_ext_ops:init"}, "attach-target", "struct_ops sched_ext_ops"},
		{`Call at insn 0: symbol "fwd": unsatisfied program reference`, ebpf.ProgramSpec{}, "load", "function fwd in the object"},
		{"load BTF: invalid argument", ebpf.ProgramSpec{}, "btf", ""},
		{"something else", ebpf.ProgramSpec{}, "load", ""},
	} {
		got := diagnose(c.message, &c.program)
		if got.stage != c.stage || got.missing != c.missing {
			t.Errorf("%s\n\t%+v", c.message, got)
		}
	}
}

func TestOwnWords(t *testing.T) {
	err := errors.New("program foo: load program: permission denied: 0: R1=ctx():\n R0 !read_ok (12 line(s) omitted)")
	if got := ownWords(err); got != "load program: permission denied: 0: R1=ctx(): R0 !read_ok" {
		t.Error(got)
	}
}

func TestHasNone(t *testing.T) {
	for want, names := range map[string][]string{
		"this kernel has no field a.b":                            {"field a.b"},
		"this kernel has no type a, no type b, no type c":         {"type a", "type b", "type c"},
		"this kernel has no type a, no type b, no type c, 2 more": {"type a", "type b", "type c", "type d", "type e"},
	} {
		if got := hasNone(names); got != want {
			t.Error(got)
		}
	}
}

func TestUnknownHelper(t *testing.T) {
	for message, want := range map[string]string{
		"load program: invalid argument: invalid func unknown#198":       "helper bpf_ringbuf_reserve_dynptr",
		"load program: invalid argument: invalid func unknown#195896080": "", // what CO-RE leaves behind
		"load program: invalid argument: unknown func bpf_strtol#105":    "", // known, but not for this program type
	} {
		if got := unknownHelper(message); got != want {
			t.Errorf("unknownHelper(%q) = %q, want %q", message, got, want)
		}
	}
}
