package core

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// longestPath is BPF_CORE_SPEC_MAX_LEN.
const longestPath = 64

var errTooDeep = errors.New("the path is too long")

// step leads to a named member, or to an element of an array. The first one of a path leads to an element too.
type step struct {
	// in is the struct or union of a member, the type of an element, or the enum of a value.
	in    btf.Type
	index int
	name  string // "" for an element
}

// path leads to a field, from the start of its root type. Steps through members without a name do not stand in it.
type path struct {
	steps []step
	// depth counts those too.
	depth int
	// bits is where the field is.
	bits int
}

func (p *path) last() step { return p.steps[len(p.steps)-1] }

func parseAccess(text string) (indices []int, err error) {
	for part := range strings.SplitSeq(text, ":") {
		index, err := strconv.Atoi(part)
		if err != nil || index < 0 {
			return nil, fmt.Errorf("path %q", text)
		}
		if len(indices) == longestPath {
			return nil, errTooDeep
		}
		indices = append(indices, index)
	}
	return indices, nil
}

// valuePath is the path to a value of an enum.
func valuePath(root btf.Type, access []int) (*path, error) {
	enum, isEnum := btf.UnderlyingType(root).(*btf.Enum)
	if !isEnum || len(access) > 1 || access[0] >= len(enum.Values) {
		return nil, errors.New("no value of an enum")
	}
	return &path{steps: []step{{in: enum, index: access[0], name: enum.Values[access[0]].Name}}, depth: 1}, nil
}

// fieldPathOf follows an accessor through an object's own types.
func fieldPathOf(root btf.Type, access []int) (*path, error) {
	t := btf.UnderlyingType(root)
	size, err := btf.Sizeof(t)
	if err != nil {
		return nil, err
	}
	p := &path{steps: []step{{in: t, index: access[0]}}, depth: len(access), bits: access[0] * size * 8}
	for _, index := range access[1:] {
		t = btf.UnderlyingType(t)
		if array, isArray := t.(*btf.Array); isArray {
			t, err = p.enterArray(array, index)
		} else {
			t, err = p.enterMember(t, index)
		}
		if err != nil {
			return nil, err
		}
	}
	return p, nil
}

func (p *path) enterMember(t btf.Type, index int) (btf.Type, error) {
	members, isComposite := membersOf(t)
	if !isComposite {
		return nil, fmt.Errorf("a path into %v", t)
	}
	if index >= len(members) {
		return nil, fmt.Errorf("%v has no member #%d", t, index)
	}
	member := &members[index]
	p.bits += int(member.Offset)
	if member.Name != "" {
		p.steps = append(p.steps, step{in: t, index: index, name: member.Name})
	}
	return member.Type, nil
}

func (p *path) enterArray(array *btf.Array, index int) (btf.Type, error) {
	if index >= int(array.Nelems) && !p.isFlexible(array) {
		return nil, fmt.Errorf("%v has no element #%d", array, index)
	}
	return p.addElement(btf.UnderlyingType(array.Type), index)
}

func (p *path) addElement(t btf.Type, index int) (btf.Type, error) {
	p.steps = append(p.steps, step{in: t, index: index})
	size, err := btf.Sizeof(t)
	p.bits += index * size * 8
	return t, err
}

// isFlexible tells an array without a size that is the last member of a struct, to which the path leads.
func (p *path) isFlexible(array *btf.Array) bool {
	last := p.last()
	members, isComposite := membersOf(last.in)
	return last.name != "" && array.Nelems == 0 && isComposite && last.index == len(members)-1
}

// matchValue finds a value of an enum in another one by its name.
func (p *path) matchValue(target btf.Type) *path {
	enum, isEnum := btf.UnderlyingType(target).(*btf.Enum)
	if !isEnum {
		return nil
	}
	wanted := EssentialName(p.steps[0].name)
	for i := range enum.Values {
		if EssentialName(enum.Values[i].Name) == wanted {
			return &path{steps: []step{{in: enum, index: i, name: enum.Values[i].Name}}, depth: 1}
		}
	}
	return nil
}

// matchField finds the same field in another type; nil where there is none, or where it is another kind of thing.
func (p *path) matchField(target btf.Type) (*path, error) {
	found := &path{}
	for i, local := range p.steps {
		target = btf.UnderlyingType(target)
		if local.name != "" {
			next, err := found.matchMember(local, target)
			if next == nil || err != nil {
				return nil, err
			}
			target = next
			continue
		}
		if i > 0 {
			array, isArray := target.(*btf.Array)
			if !isArray || local.index >= int(array.Nelems) && !found.isFlexible(array) {
				return nil, nil
			}
			target = btf.UnderlyingType(array.Type)
		}
		if found.depth == longestPath {
			return nil, errTooDeep
		}
		found.depth++
		if _, err := found.addElement(target, local.index); err != nil {
			return nil, err
		}
	}
	return found, nil
}

// matchMember looks for a member by its name, in members without a name too, and returns its type; nil for none.
func (p *path) matchMember(local step, target btf.Type) (btf.Type, error) {
	members, _ := membersOf(target)
	for i := range members {
		member := &members[i]
		if p.depth == longestPath {
			return nil, errTooDeep
		}
		p.depth++
		p.bits += int(member.Offset)
		switch member.Name {
		case "":
			if next, err := p.matchMember(local, btf.UnderlyingType(member.Type)); next != nil || err != nil {
				return next, err
			}
		case local.name:
			locals, _ := membersOf(local.in)
			if !fieldsAreCompatible(locals[local.index].Type, member.Type) {
				return nil, nil
			}
			p.steps = append(p.steps, step{in: target, index: i, name: member.Name})
			return member.Type, nil
		}
		p.depth--
		p.bits -= int(member.Offset)
	}
	return nil, nil
}
