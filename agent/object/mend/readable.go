package mend

import "crossbpf/agent/object/code"

const (
	classMask, classJump = 0x07, 0x05
	operationMask        = 0xf0
	operationCall        = 0x80
	// mostHelpers is what the library takes for the number of a helper.
	mostHelpers = 1 << 28
	opMove      = 0xb7
)

// makeReadable changes an instruction in the file that the library reads where that would not decode or encode it: the
// verifier is to judge it, and gets it as it stands in the object.
func (r *reader) makeReadable(f *body, at int) {
	one := r.insn(f, at)
	switch {
	case one.isLoad64() && at+1 == f.Count():
		r.standIn(f, at)
	case one.isLoad64():
		r.clearSecondHalf(f, at)
	case one.callsHelper() && (one.immediate() < 0 || one.immediate() >= mostHelpers):
		r.standIn(f, at)
	}
}

// callsHelper tells what the library takes for a call of a helper.
func (i insn) callsHelper() bool {
	return i.op()&classMask == classJump && i.op()&operationMask == operationCall && i.bytes[1] == 0
}

// clearSecondHalf clears what the second half of a load of 64 bits holds besides its number.
func (r *reader) clearSecondHalf(f *body, at int) {
	if !r.insn(f, at).isLoad64() || at+1 >= f.Count() {
		return
	}
	if second := r.insn(f, at+1); r.order.Uint32(second.bytes) != 0 {
		r.setWord(f.at(at+1), 0)
	}
}

// standIn puts an instruction of the same size in another one's place: r0 = 0.
func (r *reader) standIn(f *body, at int) {
	r.touch()
	place := r.data[f.at(at) : f.at(at)+code.InsnSize]
	wide := r.insn(f, at).isLoad64() && at+1 < f.Count()
	clear(place)
	place[0] = opMove
	if wide {
		second := r.data[f.at(at+1) : f.at(at+1)+code.InsnSize]
		clear(second)
		second[0] = opMove
	}
}
