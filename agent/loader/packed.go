package loader

import (
	"encoding/binary"
	"errors"
)

var (
	errCutOff = errors.New("it ends in the middle")
	errNoSuch = errors.New("it refers to what it does not hold")
	errBehind = errors.New("something is behind its end")
)

// packer writes numbers and byte strings one behind the other, in this machine's byte order: what it makes is read by
// the same agent on a machine of the same kind.
type packer struct{ bytes []byte }

func (p *packer) number(value int) {
	p.bytes = binary.NativeEndian.AppendUint32(p.bytes, uint32(value))
}

func (p *packer) block(block []byte) {
	p.number(len(block))
	p.bytes = append(p.bytes, block...)
}

// unpacker reads what a packer wrote. Blocks are parts of the given bytes, not copies. After an error it gives nothing.
type unpacker struct {
	bytes []byte
	err   error
}

func (u *unpacker) number() int {
	part := u.take(4)
	if part == nil {
		return 0
	}
	return int(binary.NativeEndian.Uint32(part))
}

func (u *unpacker) block() []byte { return u.take(u.number()) }

// count reads how many things follow, of which each takes some bytes: a number that lies costs no memory.
func (u *unpacker) count() int {
	count := u.number()
	if count > len(u.bytes) {
		u.err = errCutOff
		return 0
	}
	return count
}

func (u *unpacker) take(size int) []byte {
	if size > len(u.bytes) {
		u.bytes, u.err = nil, errCutOff
		return nil
	}
	part := u.bytes[:size:size]
	u.bytes = u.bytes[size:]
	return part
}
