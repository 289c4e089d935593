package vmlinux

import (
	"slices"
	"strings"

	"github.com/cilium/ebpf/btf"
)

const kfuncMacros = `#ifndef BPF_NO_KFUNC_PROTOTYPES
#ifndef __ksym
#define __ksym __attribute__((section(".ksyms")))
#endif

#ifndef __weak
#define __weak __attribute__((weak))
#endif

#ifndef __bpf_fastcall
#if __has_attribute(bpf_fastcall)
#define __bpf_fastcall __attribute__((bpf_fastcall))
#else
#define __bpf_fastcall
#endif
#endif

`

// writeKfuncs writes the prototypes of the functions that the kernel's types mark as kfuncs (pahole 1.26 and later do).
func (w *writer) writeKfuncs(functions []*btf.Func) {
	kfuncs := slices.DeleteFunc(functions, func(f *btf.Func) bool { return !slices.Contains(f.Tags, "bpf_kfunc") })
	if len(kfuncs) == 0 {
		return
	}
	slices.SortFunc(kfuncs, func(a, b *btf.Func) int { return strings.Compare(a.Name, b.Name) })
	for _, kfunc := range kfuncs {
		w.refer(kfunc.Type)
	}
	w.out.WriteString(kfuncMacros)
	before := ""
	for _, kfunc := range kfuncs {
		if kfunc.Name == before {
			continue
		}
		before = kfunc.Name
		fast := ""
		if slices.Contains(kfunc.Tags, "bpf_fastcall") {
			fast = " __bpf_fastcall"
		}
		w.out.WriteString("extern " + w.declare(kfunc.Type, kfunc.Name, "") + " __weak __ksym" + fast + ";\n")
	}
	w.out.WriteString("#endif /* BPF_NO_KFUNC_PROTOTYPES */\n\n")
}
