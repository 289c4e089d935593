// Package vmlinux writes a kernel's types as a C header that clang compiles for BPF, in the form of
// `bpftool btf dump file vmlinux format c`.
package vmlinux

import (
	"bytes"
	"fmt"
	"io"

	"github.com/cilium/ebpf/btf"
)

const prologue = `#ifndef __VMLINUX_H__
#define __VMLINUX_H__

#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute push (__attribute__((preserve_access_index)), apply_to = record)
#endif

`

const epilogue = `#ifndef BPF_NO_PRESERVE_ACCESS_INDEX
#pragma clang attribute pop
#endif

#endif /* __VMLINUX_H__ */
`

// Write writes the header of a kernel's types: each struct, union, enum and typedef, after what it needs, and the
// prototypes of the kfuncs that the types declare. Structs lie in memory as they do in the kernel.
func Write(to io.Writer, types *btf.Spec) error {
	w := newWriter()
	if err := w.write(types); err != nil {
		return err
	}
	_, err := to.Write(w.out.Bytes())
	return err
}

func newWriter() *writer {
	return &writer{
		names:     newNames(),
		state:     map[btf.Type]progress{},
		inlined:   map[btf.Type]bool{},
		forwarded: map[string]bool{},
		referred:  map[*btf.Typedef]bool{},
		written:   map[*btf.Typedef]bool{},
		aligned:   map[btf.Type]int{},
	}
}

func (w *writer) write(types *btf.Spec) error {
	w.out.WriteString(prologue)
	var functions []*btf.Func
	var loose []*btf.Enum
	for t, err := range types.All() {
		if err != nil {
			return fmt.Errorf("the types cannot be read: %w", err)
		}
		switch t := t.(type) {
		case *btf.Enum:
			if t.Name == "" {
				loose = append(loose, t)
				continue
			}
			w.complete(t)
		case *btf.Struct, *btf.Union, *btf.Typedef, *btf.Fwd:
			if t.TypeName() != "" {
				w.complete(t)
			}
		case *btf.Func:
			functions = append(functions, t)
		}
	}
	w.writeLooseEnums(loose)
	w.writeKfuncs(functions)
	w.out.WriteString(epilogue)
	return nil
}

// writer holds what was written so far. A kernel has about 100,000 types, which refer to one another in circles.
type writer struct {
	out   bytes.Buffer
	names *names
	state map[btf.Type]progress
	// forwarded are the tags that are declared: "struct sock".
	forwarded map[string]bool
	// referred and written are the typedefs that pointers can refer to, and that are in the header.
	referred, written map[*btf.Typedef]bool
	// inlined are the enums without a name that are in the header.
	inlined map[btf.Type]bool
	// aligned remembers alignments in bytes.
	aligned map[btf.Type]int
}

// writeLooseEnums writes the enums without a name that no other type contains: they hold constants.
func (w *writer) writeLooseEnums(enums []*btf.Enum) {
	for _, enum := range enums {
		if w.inlined[enum] || len(enum.Values) == 0 {
			continue
		}
		w.printGuarded(isC23Boolean(enum), w.enum(enum, "")+";\n\n")
	}
}
