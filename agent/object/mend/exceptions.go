package mend

import (
	"bytes"
	"debug/elf"
	"encoding/binary"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"crossbpf/agent/object/code"
)

const (
	kindDeclTag     = 17
	exceptionPrefix = "exception_callback:"
	relocationType  = 10 // R_BPF_64_32
	relocationSize  = 16
)

// exceptionCall is the last instruction of a program, in whose place the library reads a call of its exception callback.
type exceptionCall struct {
	program *body
	called  *body
	at      int
}

// readExceptions finds the functions that the kernel calls when a program throws. A program names its own in a tag, and
// nothing else refers to it: the library would leave it out, where libbpf puts it behind the others
// (bpf_prog_assign_exc_cb in its src/libbpf.c). So the library reads a call of it, which is taken back in the end.
func (o *Object) readExceptions(r *reader, t *types) {
	if t == nil {
		return
	}
	byName := make(map[string]*body)
	for number := uint32(1); t.has(number); number++ {
		if t.kind(number) != kindDeclTag || !t.has(t.reference(number)) {
			continue
		}
		callback, isException := strings.CutPrefix(t.name(number), exceptionPrefix)
		if !isException {
			continue
		}
		if len(byName) == 0 {
			for _, list := range r.bodies {
				for _, one := range list {
					byName[one.Name] = one
				}
			}
		}
		program, called := byName[t.name(t.reference(number))], byName[callback]
		if program != nil && called != nil && program != called {
			program.Exception = called.Function
			o.callExceptions(r, program, called)
		}
	}
}

// callExceptions notes a call in place of the program's last instruction.
func (o *Object) callExceptions(r *reader, program, called *body) {
	last := program.Count() - 1
	if _, isRelated := r.related[program.section][program.At+last]; !isRelated && !r.endsInLoad64(program) {
		o.exceptions = append(o.exceptions, exceptionCall{program, called, last})
	}
}

func (r *reader) endsInLoad64(f *body) bool {
	isWide := false
	for at := 0; at < f.Count(); at++ {
		isWide = r.insn(f, at).isLoad64()
		if isWide {
			at++
		}
	}
	return isWide
}

// addExceptionCalls puts the calls into the file, once nothing else there changes.
func (o *Object) addExceptionCalls(m *image) {
	for _, call := range o.exceptions {
		number := m.relocationSection(call.program.section)
		if number < 0 {
			continue
		}
		place := call.program.at(call.at)
		m.touch()
		copy(m.data[place:], []byte{opCall, 0, 0, 0, 0xff, 0xff, 0xff, 0xff})
		m.data[place+1] = pseudoCall << 4
		if m.order == binary.BigEndian {
			m.data[place+1] = pseudoCall
		}
		header := m.data[m.sections+number*sectionSize:]
		start, size := m.order.Uint64(header[sectionOffsetAt:]), m.order.Uint64(header[sectionFileSizeAt:])
		entries := append(bytes.Clone(m.data[start:start+size]), make([]byte, relocationSize)...)
		m.order.PutUint64(entries[size:], uint64(call.program.At+call.at)*code.InsnSize)
		m.order.PutUint64(entries[size+8:], elf.R_INFO(uint32(call.called.number), relocationType))
		if call.called.symbol.bind == elf.STB_LOCAL {
			m.bindSymbol(call.called.symbol, elf.STB_GLOBAL)
		}
		m.move(number, entries)
	}
}

// relocationSection is the section with the relocations for another one; -1 for none.
func (m *image) relocationSection(target int) int {
	for number, section := range m.file.Sections {
		if section.Type == elf.SHT_REL && int(section.Info) == target && m.contents(section) != nil {
			return number
		}
	}
	return -1
}

// takeBack puts the instructions of the object in place of the calls.
func (o *Object) takeBack(spec *ebpf.CollectionSpec) {
	for _, call := range o.exceptions {
		program := spec.Programs[call.program.Name]
		if program == nil {
			continue
		}
		for i := program.Instructions.Iterate(); i.Next(); {
			if int(i.Offset) != call.at {
				continue
			}
			var former asm.Instruction
			own := bytes.NewReader(call.program.Code[call.at*code.InsnSize:])
			if former.Unmarshal(own, program.ByteOrder, "linux") == nil {
				former.Metadata = i.Ins.WithReference("").Metadata
				*i.Ins = former
			}
			break
		}
	}
}
