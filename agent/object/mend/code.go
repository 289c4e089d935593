package mend

import (
	"debug/elf"
	"maps"
	"slices"

	"crossbpf/agent/object/code"
)

// reader reads the code of an object, and makes of the file one that the library reads to the same effect.
type reader struct {
	*image
	bodies bodies
	// related are the relocations of a section by the instruction.
	related map[int]map[int]relocation
}

// readCode reads the object's instructions from the data as they were given. The library is to read them even where it is
// for the verifier to refuse them, and to refer to the functions that libbpf refers to.
func (o *Object) readCode(m *image, t *types, data []byte) {
	r := &reader{image: m, bodies: m.readBodies(data), related: make(map[int]map[int]relocation)}
	o.Code = &code.Object{Functions: make(map[string]*code.Function)}
	for _, section := range slices.Sorted(maps.Keys(r.bodies)) {
		r.related[section] = make(map[int]relocation)
		for relocation := range m.relocations(section) {
			if relocation.place%code.InsnSize == 0 {
				r.related[section][int(relocation.place/code.InsnSize)] = relocation
			}
		}
		for _, f := range r.bodies[section] {
			r.readReferences(f)
			o.Code.Functions[f.Name] = f.Function
		}
		if hasGaps(r.bodies[section]) {
			o.gaps = append(o.gaps, m.section(section).Name)
		}
	}
	o.readRelocations(r, t)
	o.readExceptions(r, t)
}

func (r *reader) insn(f *body, at int) insn {
	return insn{f.Code[at*code.InsnSize : (at+1)*code.InsnSize], r.order}
}

// readReferences goes through the instructions of a function.
func (r *reader) readReferences(f *body) {
	related := r.related[f.section]
	for at := 0; at < f.Count(); at++ {
		one := r.insn(f, at)
		relocation, isRelated := related[f.At+at]
		isReferring := isRelated && (one.isCall() || one.isLoad64())
		switch {
		case isReferring:
			r.readRelated(f, at, relocation)
		case one.refersToFunction():
			// The compiler has resolved it, as both are in one section.
			target := r.bodies.holding(f.section, f.At+at+int(one.immediate())+1)
			if target == nil {
				r.standIn(f, at)
				break
			}
			f.References = append(f.References, code.Reference{At: at, Kind: kindOf(one), Function: target.Function})
			if imm := target.At - f.At - at - 1; imm != int(one.immediate()) {
				r.setImmediate(f.at(at), int32(imm))
			}
		default:
			r.makeReadable(f, at)
		}
		if one.isLoad64() {
			at++
		}
	}
}

func kindOf(one insn) code.Kind {
	if one.isCall() {
		return code.Call
	}
	return code.Address
}

// readRelated reads an instruction that has a relocation.
func (r *reader) readRelated(f *body, at int, from relocation) {
	one := r.insn(f, at)
	s, found := r.symbol(from.symbol)
	section := r.section(s.section)
	switch {
	case !found:
		return
	case r.isProgramSection(section):
		r.readFunctionReference(f, at, from, s)
		return
	case section == nil && one.isCall():
		f.References = append(f.References, code.Reference{At: at, Kind: code.ExternCall})
	case section == nil:
		f.References = append(f.References, code.Reference{At: at, Kind: code.Extern})
	case isMapSection(section.Name):
		f.References = append(f.References, code.Reference{At: at, Kind: code.Map})
	default:
		place := uint32(s.value) + uint32(one.immediate())
		f.References = append(f.References, code.Reference{At: at, Kind: code.Data, Place: place})
	}
	r.clearSecondHalf(f, at)
}

// readFunctionReference resolves a reference to a function as libbpf does (bpf_program__record_reloc and
// bpf_object__reloc_code in its src/libbpf.c): by the symbol's value and what the instruction adds to it.
func (r *reader) readFunctionReference(f *body, at int, from relocation, s symbol) {
	one := r.insn(f, at)
	place := int(s.value) + int(one.immediate())
	if one.isCall() {
		place = int(s.value) + (int(one.immediate())+1)*code.InsnSize
	}
	var target *body
	if place >= 0 {
		target = r.bodies.holding(s.section, place/code.InsnSize)
	}
	if target == nil {
		r.touch()
		r.order.PutUint64(r.data[from.at:], from.place+1) // where no instruction is
		r.standIn(f, at)
		return
	}
	f.References = append(f.References, code.Reference{At: at, Kind: kindOf(one), Function: target.Function})
	if s.kind != elf.STT_SECTION && s.bind == elf.STB_LOCAL {
		r.bindSymbol(s, elf.STB_GLOBAL)
	}
	if one.isLoad64() {
		r.clearSecondHalf(f, at)
		if start := int32(target.At * code.InsnSize); start != one.immediate() {
			r.setImmediate(f.at(at), start)
		}
		return
	}
	isPlain := one.immediate() == -1 && s.value == target.symbol.value
	if s.kind == elf.STT_SECTION {
		isPlain = place == target.At*code.InsnSize
	}
	if !isPlain {
		r.callSymbol(f, at, from, target)
	}
}

// callSymbol lets a call refer to the very symbol of a function.
func (r *reader) callSymbol(f *body, at int, from relocation, target *body) {
	r.setImmediate(f.at(at), -1)
	info := r.order.Uint64(r.data[from.at+8:])
	r.order.PutUint64(r.data[from.at+8:], uint64(target.number)<<32|info&0xffffffff)
	if target.symbol.bind == elf.STB_LOCAL {
		r.bindSymbol(target.symbol, elf.STB_GLOBAL)
	}
}

func (r *reader) setImmediate(at int, value int32) { r.setWord(at+4, uint32(value)) }

func isMapSection(name string) bool {
	return name == ".maps" || len(name) >= 4 && name[:4] == "maps"
}
