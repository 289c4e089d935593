package mend

import "slices"

// mapMember is a member of the struct that defines a map.
type mapMember struct {
	name  string
	words [3]uint32 // name, type, offset in bits
}

// definition is the struct that defines a map.
type definition struct {
	members []mapMember
	size    uint32
	// changed tells that it is no longer what stands in the object.
	changed bool
}

// simplifyMaps leaves out of the definitions of maps what the library does not take: a NUMA node, which is carried
// beside, a size beside a type of the same size, a name for the type of inner maps, and where those are pinned.
func (o *Object) simplifyMaps(t *types) {
	for _, variable := range t.variables(t.datasec(".maps")) {
		number := t.plain(t.reference(variable))
		if t.kind(variable) != kindVar || t.kind(number) != kindStruct {
			continue
		}
		name := t.name(variable)
		d := t.define(number)
		if node, found := d.take(t, "numa_node"); found {
			o.nodes[name] = node
		}
		d.dropSizes(t)
		if o.simplifyInner(t, name, d); d.changed {
			t.refer(variable, t.addStruct(d))
		}
	}
}

// simplifyInner does the same for the maps that a map holds, whose type has to be an array of pointers to a struct.
func (o *Object) simplifyInner(t *types, name string, d *definition) {
	index := d.index("values")
	if index < 0 {
		return
	}
	array := d.members[index].words[1]
	if t.kind(array) != kindArray {
		return
	}
	pointer := t.plain(t.word(array, 0))
	if t.kind(pointer) != kindPointer {
		return
	}
	target := t.reference(pointer)
	number := t.plain(target)
	if t.kind(number) != kindStruct {
		return
	}
	inner := t.define(number)
	_, hasNode := inner.take(t, "numa_node")
	if hasNode {
		o.note(name, "the NUMA node of its inner maps was left out")
	}
	if pinning, found := inner.take(t, "pinning"); found && pinning != 0 {
		o.note(name, "its inner maps say that they are pinned, which libbpf refuses; that was left out")
	}
	inner.dropSizes(t)
	if inner.changed {
		number = t.addStruct(inner)
	}
	if number == target && pointer == t.word(array, 0) {
		return
	}
	pointer = t.add(0, kindPointer<<24, number)
	d.members[index].words[1] = t.add(0, kindArray<<24, 0, pointer, t.word(array, 1), t.word(array, 2))
	d.changed = true
}

func (o *Object) note(name, said string) { o.Notes[name] = append(o.Notes[name], said) }

func (t *types) define(number uint32) *definition {
	d := &definition{size: t.reference(number)}
	for index := range t.parts(number) {
		words := [3]uint32{t.part(number, index, 0), t.part(number, index, 1), t.part(number, index, 2)}
		d.members = append(d.members, mapMember{t.text(words[0]), words})
	}
	return d
}

func (t *types) addStruct(d *definition) uint32 {
	words := []uint32{0, kindStruct<<24 | uint32(len(d.members)), d.size}
	for _, member := range d.members {
		words = append(words, member.words[:]...)
	}
	return t.add(words...)
}

func (d *definition) index(name string) int {
	return slices.IndexFunc(d.members, func(m mapMember) bool { return m.name == name })
}

// take removes a member and returns the number that it stands for.
func (d *definition) take(t *types, name string) (value uint32, found bool) {
	index := d.index(name)
	if index < 0 {
		return 0, false
	}
	value, found = t.number(d.members[index].words[1])
	if found {
		d.members = slices.Delete(d.members, index, index+1)
		d.changed = true
	}
	return value, found
}

// dropSizes removes the size of a key or of a value where its type is there and has that size.
func (d *definition) dropSizes(t *types) {
	for _, name := range []string{"key", "value"} {
		typed, sized := d.index(name), d.index(name+"_size")
		if typed < 0 || sized < 0 {
			continue
		}
		size, isNumber := t.number(d.members[sized].words[1])
		pointer := d.members[typed].words[1]
		if isNumber && t.kind(pointer) == kindPointer && t.size(t.reference(pointer)) == size {
			d.members = slices.Delete(d.members, sized, sized+1)
			d.changed = true
		}
	}
}

// number is what __uint stands for: the length of an array that a pointer points to.
func (t *types) number(member uint32) (value uint32, found bool) {
	pointer := t.plain(member)
	if t.kind(pointer) != kindPointer {
		return 0, false
	}
	array := t.reference(pointer)
	if t.kind(array) != kindArray {
		return 0, false
	}
	return t.word(array, 2), true
}

// size is how many bytes a type takes; 0 where it is not known.
func (t *types) size(number uint32) uint32 {
	count := uint32(1)
	for range len(t.at) {
		number = t.plain(number)
		switch t.kind(number) {
		case kindPointer:
			return 8 * count
		case kindArray:
			count *= t.word(number, 2)
			number = t.word(number, 0)
		case 1, kindStruct, 5, 6, 16, 19:
			return t.reference(number) * count
		default:
			return 0
		}
	}
	return 0
}
