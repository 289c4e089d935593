package vmlinux

import (
	"fmt"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// composite writes a struct or union with its members, after its head: "struct sock", or "struct" for one that is
// written within the line that uses it.
func (w *writer) composite(t btf.Type, head, indent string) string {
	_, isUnion := t.(*btf.Union)
	members, size := membersOf(t)
	packed := w.isPacked(t)
	body := body{writer: w, indent: indent + "\t", packed: packed}
	for _, member := range members {
		if isUnion {
			body.at = 0
		}
		body.add(member)
	}
	if !isUnion || len(members) == 0 {
		body.finish(8*size, 8*w.alignmentOf(t))
	}
	return head + " {" + body.close(indent) + w.attributes(t, packed)
}

func (w *writer) attributes(t btf.Type, packed bool) string {
	members, size := membersOf(t)
	if packed {
		return " __attribute__((packed))"
	}
	if extra := w.extraAlignment(t, members, size); extra > 0 {
		return fmt.Sprintf(" __attribute__((aligned(%d)))", extra)
	}
	return ""
}

// body is the members of a struct, which are added in their order.
type body struct {
	writer *writer
	indent string
	packed bool
	// at is where the last member ended, in bits.
	at    int
	lines strings.Builder
}

func (b *body) add(member btf.Member) {
	s := b.writer.span(member)
	offset := int(member.Offset)
	if place(s, b.at, b.packed) != offset {
		b.pad(offset)
	}
	bitfield := ""
	if s.isBitfield {
		bitfield = fmt.Sprintf(": %d", s.width)
	}
	text := b.writer.memberText(member, b.indent)
	b.lines.WriteString(b.indent + text + bitfield + ";\n")
	b.at = offset + s.width
}

// pad fills the bits up to a place with fields that have no name: they are no members, and align nothing.
func (b *body) pad(to int) {
	for b.at < to {
		width := min(64-b.at%64, to-b.at)
		fmt.Fprintf(&b.lines, "%slong: %d;\n", b.indent, width)
		b.at += width
	}
}

// finish pads the end, unless the alignment of the whole makes it as large as it has to be.
func (b *body) finish(size, alignment int) {
	if roundUp(b.at, alignment) < size {
		b.pad(size)
	}
}

func (b *body) close(indent string) string {
	if b.lines.Len() == 0 {
		return "}"
	}
	return "\n" + b.lines.String() + indent + "}"
}

// memberText writes a struct with a name as if it had none where the member has none: kernels are compiled with
// -fms-extensions since 6.19, and programs are not.
func (w *writer) memberText(member btf.Member, indent string) string {
	if members, _ := membersOf(member.Type); member.Name == "" && members != nil {
		return w.composite(member.Type, keyword(member.Type), indent)
	}
	return w.declare(member.Type, validName(member.Name), indent)
}
