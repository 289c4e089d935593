package loader

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"crossbpf/agent/object/code"
)

// link lets functions refer to each other where they are in the program, and variables to where they are in their
// sections.
func (e *exactCode) link() {
	starts := make(map[*code.Function]int, len(e.parts))
	for _, part := range e.parts {
		starts[part.Function] = part.start
	}
	for _, part := range e.parts {
		for _, reference := range part.References {
			at := part.start + reference.At
			switch reference.Kind {
			case code.Call, code.Address:
				e.setImmediate(at, uint32(starts[reference.Function]-at-1))
				if reference.Kind == code.Address {
					e.setSource(at, pseudoFunc)
				}
			case code.Data:
				e.setImmediate(at+1, reference.Place)
			}
		}
	}
}

func (e *exactCode) setImmediate(at int, value uint32) {
	e.order.PutUint32(e.bytes[at*insnSize+4:], value)
}

func (e *exactCode) setSource(at int, source byte) {
	registers := &e.bytes[at*insnSize+1]
	if e.order == binary.BigEndian {
		*registers = *registers&0xf0 | source
		return
	}
	*registers = *registers&0x0f | source<<4
}

// handTo puts the program into a call that the library has prepared, with what the library knows: descriptors of maps, and
// what it found in the kernel.
func (e *exactCode) handTo(call *loadCall) unix.Errno {
	theirs := call.code()
	if len(theirs) != len(e.bytes) {
		return unix.EPROTO // which cannot be: prepare has compared them
	}
	for _, part := range e.parts {
		for _, reference := range part.References {
			e.fill(theirs, part.start+reference.At, reference.Kind)
		}
	}
	for _, at := range e.own {
		copy(e.immediate(e.bytes, at), e.immediate(theirs, at))
		if e.bytes[at*insnSize] == opLoad64 {
			copy(e.immediate(e.bytes, at+1), e.immediate(theirs, at+1))
		}
	}
	if e.oldProbes {
		e.replaceProbes(theirs)
	}
	call.attr.insns = addressOf(e.bytes)
	return 0
}

// replaceProbes takes over from the library the helpers that read memory.
func (e *exactCode) replaceProbes(theirs bytecode) {
	const first, last = 112, 115 // bpf_probe_read_user to bpf_probe_read_kernel_str
	for at, one := range bytecode(e.bytes).all() {
		if one.op() == opCall && one[1] == 0 && one.immediate() >= first && one.immediate() <= last {
			copy(e.immediate(e.bytes, at), e.immediate(theirs, at))
		}
	}
}

// fill copies the fields of an instruction that are the library's: the rest is the object's.
func (e *exactCode) fill(theirs bytecode, at int, kind code.Kind) {
	switch kind {
	case code.Call, code.Address:
		return
	case code.ExternCall:
		// The whole of it but for the operation and the register that it does not use.
		copy(e.bytes[at*insnSize+2:(at+1)*insnSize], theirs[at*insnSize+2:])
	case code.Extern:
		copy(e.immediate(e.bytes, at), e.immediate(theirs, at))
		copy(e.immediate(e.bytes, at+1), e.immediate(theirs, at+1))
	case code.Map, code.Data:
		copy(e.immediate(e.bytes, at), e.immediate(theirs, at))
	}
	e.setSource(at, theirs.at(at).source())
}

func (e *exactCode) immediate(bytes []byte, at int) []byte {
	return bytes[at*insnSize+4 : (at+1)*insnSize]
}
