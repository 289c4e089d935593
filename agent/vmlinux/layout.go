package vmlinux

import (
	"math/bits"

	"github.com/cilium/ebpf/btf"
)

// sizeOf is the size in bytes of a type as the header writes it; 0 where it has none, as a function.
func sizeOf(t btf.Type) int {
	if alias, ok := underlying(t).(*btf.Typedef); ok && isBuiltin(alias.Name) {
		return 8
	}
	size, err := btf.Sizeof(t)
	if err != nil {
		return 0
	}
	return size
}

// alignmentOf is the alignment, in bytes, that clang gives to a type as the header writes it.
func (w *writer) alignmentOf(t btf.Type) int {
	t = underlying(t)
	switch t := t.(type) {
	case *btf.Array:
		return w.alignmentOf(t.Type)
	case *btf.Struct:
		return w.compositeAlignment(t, t.Members, int(t.Size))
	case *btf.Union:
		return w.compositeAlignment(t, t.Members, int(t.Size))
	}
	return min(max(sizeOf(t), 1), 16)
}

// underlying is what a type is without qualifiers and aliases.
func underlying(t btf.Type) btf.Type {
	for range maxDepth {
		inner := unqualified(t)
		if alias, ok := t.(*btf.Typedef); ok && !isBuiltin(alias.Name) {
			inner = alias.Type
		}
		if inner == t {
			break
		}
		t = inner
	}
	return t
}

func (w *writer) compositeAlignment(t btf.Type, members []btf.Member, size int) int {
	if known, ok := w.aligned[t]; ok {
		return known
	}
	w.aligned[t] = 1
	alignment := 1
	if !w.isPacked(t) {
		alignment = max(w.naturalAlignment(members), w.extraAlignment(t, members, size))
	}
	w.aligned[t] = alignment
	return alignment
}

func (w *writer) naturalAlignment(members []btf.Member) int {
	alignment := 1
	for _, member := range members {
		alignment = max(alignment, w.alignmentOf(member.Type))
	}
	return alignment
}

// isPacked tells whether C would place a member elsewhere, or make the whole larger, without the attribute packed.
func (w *writer) isPacked(t btf.Type) bool {
	members, size := membersOf(t)
	if size%w.naturalAlignment(members) != 0 {
		return true
	}
	for _, member := range members {
		if place(w.span(member), int(member.Offset), false) != int(member.Offset) {
			return true
		}
	}
	return false
}

// extraAlignment is what a union with members needs to be as large as it is, if they need less: it cannot be padded
// beyond 64 bits. 0 for none.
func (w *writer) extraAlignment(t btf.Type, members []btf.Member, size int) int {
	if _, ok := t.(*btf.Union); !ok || len(members) == 0 {
		return 0
	}
	largest := 0
	for _, member := range members {
		largest = max(largest, sizeOf(member.Type))
	}
	if roundUp(largest, w.naturalAlignment(members)) >= size {
		return 0
	}
	return 1 << bits.TrailingZeros(uint(size))
}

// span is what decides where C places a member. Everything is in bits.
type span struct {
	isBitfield bool
	// width is that of the bits alone for a bit field.
	width, size, alignment int
}

func (w *writer) span(member btf.Member) span {
	size := 8 * sizeOf(member.Type)
	width := size
	if member.BitfieldSize != 0 {
		width = int(member.BitfieldSize)
	}
	return span{isBitfield: member.BitfieldSize != 0, width: width, size: size, alignment: 8 * w.alignmentOf(member.Type)}
}

// place is where C puts a member that comes after so many bits: a bit field is not across two units of its type, and
// everything else is at a multiple of its alignment, or of 8 in a packed struct.
func place(s span, after int, packed bool) int {
	switch {
	case s.isBitfield && (packed || after%s.size+s.width <= s.size):
		return after
	case s.isBitfield:
		return roundUp(after, s.size)
	case packed:
		return roundUp(after, 8)
	}
	return roundUp(after, s.alignment)
}

func roundUp(value, unit int) int {
	return (value + unit - 1) / unit * unit
}

// membersOf has a struct's or union's members and its size in bytes.
func membersOf(t btf.Type) ([]btf.Member, int) {
	switch t := t.(type) {
	case *btf.Struct:
		return t.Members, int(t.Size)
	case *btf.Union:
		return t.Members, int(t.Size)
	}
	return nil, 0
}
