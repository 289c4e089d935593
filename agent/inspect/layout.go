package inspect

import (
	"github.com/cilium/ebpf/btf"
)

// Layout tells how a type lies in memory: a finite tree, typedefs and qualifiers resolved, in which pointers are leaves.
// harness/values/layout.ts is the other side, and says what each field means for which kind.
type Layout struct {
	Kind string `json:"kind"`
	// Name is of an enum, struct, union or opaque type, without that word; "" for an anonymous one.
	Name *string `json:"name,omitzero"`
	// Size is in bytes.
	Size    uint32     `json:"size"`
	Signed  *bool      `json:"signed,omitzero"`
	Order   string     `json:"order,omitzero"`
	Names   []EnumName `json:"names,omitzero"`
	Count   *uint32    `json:"count,omitzero"`
	Element *Layout    `json:"element,omitzero"`
	Members []Member   `json:"members,omitzero"`
}

// EnumName is one name of an enum. Value is decimal, since it may have 64 bits.
type EnumName struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Member is a member of a struct or union, or a variable of a section.
type Member struct {
	Name string `json:"name"`
	// Offset is in bytes; of a bitfield, the byte that its first bit is in.
	Offset uint32  `json:"offset"`
	Bits   *Bits   `json:"bits,omitzero"`
	Layout *Layout `json:"layout"`
}

// Bits tells where in its first byte a bitfield starts, and its width.
type Bits struct {
	Offset uint32 `json:"offset"`
	Size   uint32 `json:"size"`
}

const (
	// maxNodes bounds all layouts of an object: nested structs of a hostile one would grow without end.
	maxNodes = 1 << 16
	maxDepth = 64
	// maxLayout is the largest type that is described, in bytes; no map's value is larger (KMALLOC_MAX_SIZE).
	maxLayout = 1 << 30
	// maxEmpty is how many elements without a size an array may have: no size bounds them, and each is a value.
	maxEmpty = 1 << 10
)

// kernelTypes are what programs keep in maps for the kernel's own use (btf_get_field_type in kernel/bpf/btf.c).
var kernelTypes = map[string]bool{
	"bpf_spin_lock": true, "bpf_res_spin_lock": true, "bpf_timer": true, "bpf_wq": true, "bpf_task_work": true,
	"bpf_list_head": true, "bpf_list_node": true, "bpf_rb_root": true, "bpf_rb_node": true, "bpf_refcount": true,
	"bpf_dynptr": true,
}

// describer makes the layouts of one object.
type describer struct {
	bigEndian bool
	nodes     int
}

// layoutOf describes a type that should have so many bytes. It gives nil for a type that is not there, that has another
// size or that does not hold together.
func (d *describer) layoutOf(t btf.Type, size uint32) *Layout {
	layout := d.describe(t, 0)
	if layout == nil || layout.Size != size {
		return nil
	}
	return layout
}

func (d *describer) describe(t btf.Type, depth int) *Layout {
	d.nodes++
	if t == nil || d.nodes > maxNodes || depth > maxDepth {
		return nil
	}
	switch t := btf.UnderlyingType(t).(type) {
	case *btf.Int:
		return d.number(t)
	case *btf.Float:
		return d.float(t)
	case *btf.Enum:
		return d.enum(t)
	case *btf.Pointer:
		return d.pointer(t)
	case *btf.Array:
		return d.array(t, depth)
	case *btf.Struct:
		return d.composite("struct", t.Name, t.Size, t.Members, depth)
	case *btf.Union:
		return d.composite("union", t.Name, t.Size, t.Members, depth)
	case *btf.Datasec:
		return d.section(t, depth)
	}
	return nil
}

func (d *describer) order() string {
	if d.bigEndian {
		return "big"
	}
	return ""
}

func opaque(name string, size uint32) *Layout {
	return &Layout{Kind: "opaque", Name: &name, Size: size}
}

func (d *describer) array(t *btf.Array, depth int) *Layout {
	element := d.describe(t.Type, depth+1)
	if element == nil || uint64(element.Size)*uint64(t.Nelems) > maxLayout {
		return nil
	}
	if element.Size == 0 && t.Nelems > maxEmpty {
		return nil
	}
	size := element.Size * t.Nelems
	if isChar(t.Type) {
		return &Layout{Kind: "text", Size: size}
	}
	return &Layout{Kind: "array", Count: &t.Nelems, Size: size, Element: element}
}

func (d *describer) composite(kind, name string, size uint32, members []btf.Member, depth int) *Layout {
	if kernelTypes[name] {
		return opaque(kind+" "+name, size)
	}
	layout := &Layout{Kind: kind, Name: &name, Size: size, Members: []Member{}}
	for i := range members {
		member := d.member(&members[i], depth)
		if member == nil || memberEnd(member) > uint64(size)*8 {
			return nil
		}
		layout.Members = append(layout.Members, *member)
	}
	return layout
}

func (d *describer) member(m *btf.Member, depth int) *Member {
	layout := d.describe(m.Type, depth+1)
	if layout == nil {
		return nil
	}
	member := &Member{Name: m.Name, Offset: uint32(m.Offset / 8), Layout: layout}
	start := uint32(m.Offset % 8)
	if m.BitfieldSize == 0 {
		if start != 0 {
			return nil
		}
		return member
	}
	if !mayBeBitfield(layout) || uint32(m.BitfieldSize) > layout.Size*8 {
		return nil
	}
	member.Bits = &Bits{Offset: start, Size: uint32(m.BitfieldSize)}
	return member
}

func mayBeBitfield(layout *Layout) bool {
	return layout.Kind == "int" || layout.Kind == "bool" || layout.Kind == "enum"
}

// memberEnd is where a member ends, in bits.
func memberEnd(member *Member) uint64 {
	start := uint64(member.Offset) * 8
	if member.Bits != nil {
		return start + uint64(member.Bits.Offset) + uint64(member.Bits.Size)
	}
	return start + uint64(member.Layout.Size)*8
}
