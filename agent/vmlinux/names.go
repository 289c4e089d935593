package vmlinux

import (
	"fmt"
	"regexp"

	"github.com/cilium/ebpf/btf"
)

// names gives each type the name that it has in the header. C has one name space for tags and one for typedefs, enum
// values and functions; a kernel has several types of one name, as its source files have types of their own. The
// second one is called NAME___2, as bpftool does: CO-RE leaves away what follows three underscores.
type names struct {
	tags, identifiers map[string]int
	given             map[btf.Type]string
	// kinds has the word before each tag.
	kinds map[string]string
}

func newNames() *names {
	return &names{
		tags: map[string]int{}, identifiers: map[string]int{}, given: map[btf.Type]string{},
		kinds: map[string]string{},
	}
}

// tag is the name of a struct, union or enum. A forward declaration has the name of the first type that it can mean.
func (n *names) tag(t btf.Type, kind string) string {
	if known, ok := n.given[t]; ok {
		return known
	}
	name := validName(t.TypeName())
	if _, ok := t.(*btf.Fwd); ok {
		if before, ok := n.kinds[name]; ok && before != kind {
			name += "___fwd"
		}
		n.given[t] = name
		return name
	}
	if _, ok := n.kinds[name]; !ok {
		n.kinds[name] = kind
	}
	if n.kinds[name] != kind && n.tags[name] == 0 {
		n.tags[name] = 1
	}
	n.given[t] = numbered(n.tags, name)
	return n.given[t]
}

func (n *names) identifier(t btf.Type, name string) string {
	if known, ok := n.given[t]; ok {
		return known
	}
	n.given[t] = numbered(n.identifiers, validName(name))
	return n.given[t]
}

// constant is the name of a value of an enum.
func (n *names) constant(name string) string {
	return numbered(n.identifiers, validName(name))
}

func numbered(taken map[string]int, name string) string {
	taken[name]++
	if taken[name] == 1 {
		return name
	}
	return fmt.Sprintf("%s___%d", name, taken[name])
}

var notInNames = regexp.MustCompile(`[^A-Za-z0-9_]`)

// validName is a name as C can have it: kernels hold types of Rust too.
func validName(name string) string {
	return notInNames.ReplaceAllString(name, "_")
}
