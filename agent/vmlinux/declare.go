package vmlinux

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// maxDepth ends types that contain themselves, which only damaged BTF has.
const maxDepth = 64

// declare writes a declaration in C: declare(int[4], "a") is "int a[4]". Structs without a name are written where they
// are used, with the indent before each of their lines.
func (w *writer) declare(t btf.Type, name, indent string) string {
	return w.declarator(declaration{name: name, indent: indent}, t)
}

// declaration is what stands right of a type's own words, tags before the name, and the qualifiers left of them.
type declaration struct {
	name, qualifiers, tags, indent string
	depth                          int
}

func (w *writer) declarator(d declaration, t btf.Type) string {
	if d.depth++; d.depth > maxDepth {
		return join("void", d.name)
	}
	switch t := t.(type) {
	case *btf.Const:
		return w.declarator(d.qualified("const"), t.Type)
	case *btf.Volatile:
		return w.declarator(d.qualified("volatile"), t.Type)
	case *btf.Restrict:
		return w.declarator(d.qualified("restrict"), t.Type)
	case *btf.TypeTag:
		d.tags = join(d.tags, attribute(t.Value))
		return w.declarator(d, t.Type)
	case *btf.Pointer:
		star := "*"
		if d.qualifiers != "" || d.tags != "" {
			star = "* "
		}
		d.name = star + join(join(d.qualifiers, d.tags), d.name)
		d.qualifiers, d.tags = "", ""
		return w.declarator(d, t.Target)
	case *btf.Array:
		d.name = fmt.Sprintf("%s[%d]", parenthesized(d.name), t.Nelems)
		return w.declarator(d, t.Type)
	case *btf.FuncProto:
		d.name, d.qualifiers = parenthesized(d.name)+"("+w.parameters(t, d.indent)+")", ""
		d.tags = ""
		return w.declarator(d, t.Return)
	}
	return join(join(d.qualifiers, w.base(t, d.indent)), join(d.tags, d.name))
}

func (d declaration) qualified(word string) declaration {
	if !strings.Contains(" "+d.qualifiers+" ", " "+word+" ") {
		d.qualifiers = join(d.qualifiers, word)
	}
	return d
}

func (w *writer) parameters(t *btf.FuncProto, indent string) string {
	if len(t.Params) == 0 {
		return "void"
	}
	var list []string
	for _, parameter := range t.Params {
		if _, ok := parameter.Type.(*btf.Void); ok {
			list = append(list, "...")
			continue
		}
		list = append(list, w.declare(parameter.Type, validName(parameter.Name), indent))
	}
	return strings.Join(list, ", ")
}

// base is how a type is called, or all of one that has no name.
func (w *writer) base(t btf.Type, indent string) string {
	switch t := t.(type) {
	case *btf.Void:
		return "void"
	case *btf.Int:
		return integer(t)
	case *btf.Float:
		return t.Name
	case *btf.Typedef:
		return w.typedefName(t)
	case *btf.Enum:
		if t.Name == "" {
			return w.inlineEnum(t, indent)
		}
	case *btf.Struct, *btf.Union:
		if t.TypeName() == "" {
			return w.composite(t, keyword(t), indent)
		}
	}
	return w.tag(t)
}

func (w *writer) typedefName(t *btf.Typedef) string {
	if isBuiltin(t.Name) {
		return t.Name
	}
	return w.names.identifier(t, t.Name)
}

// tag is a struct's, union's or enum's name with the word before it.
func (w *writer) tag(t btf.Type) string {
	kind := keyword(t)
	return kind + " " + w.names.tag(t, kind)
}

func keyword(t btf.Type) string {
	switch t := t.(type) {
	case *btf.Union:
		return "union"
	case *btf.Enum:
		return "enum"
	case *btf.Fwd:
		if t.Kind == btf.FwdUnion {
			return "union"
		}
	}
	return "struct"
}

// integer names an integer; what compilers call by names of their own is called by its size.
func integer(t *btf.Int) string {
	switch t.Name {
	case "__Poly8_t", "__Poly16_t", "__Poly64_t", "__Poly128_t", "":
		return map[uint32]string{1: "unsigned char", 2: "unsigned short", 8: "unsigned long long", 16: "unsigned __int128"}[t.Size]
	}
	return t.Name
}

var addressSpace = regexp.MustCompile(`^address_space\(\d+\)$`)

func attribute(tag string) string {
	if addressSpace.MatchString(tag) {
		return "__attribute__((" + tag + "))"
	}
	return `__attribute__((btf_type_tag("` + tag + `")))`
}

func parenthesized(name string) string {
	if strings.HasPrefix(name, "*") {
		return "(" + name + ")"
	}
	return name
}

func join(left, right string) string {
	if left == "" || right == "" {
		return left + right
	}
	return left + " " + right
}
