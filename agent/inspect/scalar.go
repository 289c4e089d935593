package inspect

import (
	"strconv"

	"github.com/cilium/ebpf/btf"
)

func (d *describer) number(t *btf.Int) *Layout {
	if t.Size != 1 && t.Size != 2 && t.Size != 4 && t.Size != 8 && t.Size != 16 {
		return opaque(t.Name, t.Size)
	}
	if t.Encoding&btf.Bool != 0 {
		return &Layout{Kind: "bool", Size: t.Size, Order: d.order()}
	}
	signed := t.Encoding&btf.Signed != 0
	return &Layout{Kind: "int", Size: t.Size, Signed: &signed, Order: d.order()}
}

func (d *describer) float(t *btf.Float) *Layout {
	if t.Size != 4 && t.Size != 8 {
		return opaque(t.Name, t.Size)
	}
	return &Layout{Kind: "float", Size: t.Size, Order: d.order()}
}

func (d *describer) enum(t *btf.Enum) *Layout {
	d.nodes += len(t.Values)
	if d.nodes > maxNodes || (t.Size != 1 && t.Size != 2 && t.Size != 4 && t.Size != 8) {
		return nil
	}
	names := make([]EnumName, 0, len(t.Values))
	for _, value := range t.Values {
		names = append(names, EnumName{Name: value.Name, Value: enumValue(t, value.Value)})
	}
	return &Layout{Kind: "enum", Name: &t.Name, Size: t.Size, Signed: &t.Signed, Names: names, Order: d.order()}
}

func enumValue(t *btf.Enum, value uint64) string {
	shift := 64 - 8*t.Size
	if t.Signed {
		return strconv.FormatInt(int64(value<<shift)>>shift, 10)
	}
	return strconv.FormatUint(value<<shift>>shift, 10)
}

// pointer describes a pointer: of 8 bytes on every machine of BPF. One to a kernel object (a tag says so) is the
// kernel's own.
func (d *describer) pointer(t *btf.Pointer) *Layout {
	target := t.Target
	for range maxDepth {
		tag, ok := target.(*btf.TypeTag)
		if !ok {
			break
		}
		switch tag.Value {
		case "kptr", "kptr_untrusted", "percpu_kptr", "uptr":
			return opaque(tag.Value, 8)
		}
		target = tag.Type
	}
	return &Layout{Kind: "pointer", Size: 8, Order: d.order()}
}

// isChar tells C's plain char, which texts are made of, from other integers of a byte: the encoding does not always.
func isChar(t btf.Type) bool {
	number, ok := btf.UnderlyingType(t).(*btf.Int)
	return ok && number.Size == 1 && (number.Name == "char" || number.Encoding == btf.Char)
}
