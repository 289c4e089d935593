package vmlinux

import "github.com/cilium/ebpf/btf"

// progress is how much of a type with a name the header has.
type progress int

const (
	untouched progress = iota
	// begun is a type whose parts are being written.
	begun
	done
)

// complete writes a type's definition, after everything that C must know before it.
func (w *writer) complete(t btf.Type) {
	switch t := t.(type) {
	case *btf.Struct:
		w.completeComposite(t, t.Name, t.Members)
	case *btf.Union:
		w.completeComposite(t, t.Name, t.Members)
	case *btf.Enum:
		w.completeEnum(t)
	case *btf.Typedef:
		w.completeTypedef(t)
	case *btf.Array:
		w.complete(t.Type)
	default:
		w.refer(t)
	}
}

// refer writes what C must know of a type that is behind a pointer: for a struct with a name, that there is one.
func (w *writer) refer(t btf.Type) {
	switch t := t.(type) {
	case *btf.Struct:
		w.referComposite(t, t.Name, t.Members)
	case *btf.Union:
		w.referComposite(t, t.Name, t.Members)
	case *btf.Fwd:
		w.forward(t)
	case *btf.Enum:
		w.completeEnum(t)
	case *btf.Typedef:
		w.referTypedef(t)
	case *btf.Pointer:
		w.refer(t.Target)
	case *btf.Array:
		w.complete(t.Type)
	case *btf.FuncProto:
		w.refer(t.Return)
		for _, parameter := range t.Params {
			w.refer(parameter.Type)
		}
	default:
		if inner := unqualified(t); inner != t {
			w.refer(inner)
		}
	}
}

func (w *writer) completeComposite(t btf.Type, name string, members []btf.Member) {
	if w.state[t] >= begun {
		return
	}
	w.state[t] = begun
	for _, member := range members {
		w.completeMember(member.Type)
	}
	w.state[t] = done
	if name != "" {
		w.out.WriteString(w.composite(t, w.tag(t), "") + ";\n\n")
	}
}

// completeMember looks through qualifiers, which a type by value can have.
func (w *writer) completeMember(t btf.Type) {
	for inner := unqualified(t); inner != t; inner = unqualified(t) {
		t = inner
	}
	w.complete(t)
}

func (w *writer) referComposite(t btf.Type, name string, members []btf.Member) {
	if name != "" {
		w.forward(t)
		return
	}
	w.completeComposite(t, "", members)
}

// forward also declares a struct that is being written: the prototype of a function in it can be the first to name it.
func (w *writer) forward(t btf.Type) {
	name := w.tag(t)
	if w.state[t] == done || w.forwarded[name] {
		return
	}
	w.forwarded[name] = true
	w.out.WriteString(name + ";\n\n")
}

func (w *writer) completeEnum(t *btf.Enum) {
	if t.Name == "" || w.state[t] == done {
		return
	}
	w.state[t] = done
	w.printGuarded(isC23Boolean(t), w.enum(t, "")+";\n\n")
}

func (w *writer) completeTypedef(t *btf.Typedef) {
	if w.state[t] >= begun {
		return
	}
	w.state[t] = begun
	w.complete(t.Type)
	w.writeTypedef(t)
	w.state[t] = done
}

// referTypedef also writes an alias that a part of what it stands for points to, while that is still being written.
func (w *writer) referTypedef(t *btf.Typedef) {
	if w.referred[t] {
		return
	}
	w.referred[t] = true
	w.refer(t.Type)
	w.writeTypedef(t)
}

func (w *writer) writeTypedef(t *btf.Typedef) {
	if w.written[t] || isBuiltin(t.Name) {
		return
	}
	w.written[t] = true
	w.printGuarded(t.Name == "bool", "typedef "+w.declare(t.Type, w.names.identifier(t, t.Name), "")+";\n\n")
}

// unqualified takes one qualifier away.
func unqualified(t btf.Type) btf.Type {
	switch t := t.(type) {
	case *btf.Const:
		return t.Type
	case *btf.Volatile:
		return t.Type
	case *btf.Restrict:
		return t.Type
	case *btf.TypeTag:
		return t.Type
	}
	return t
}

// isBuiltin names the type that the compiler brings along, which is a pointer for BPF.
func isBuiltin(name string) bool {
	return name == "__builtin_va_list"
}

// isC23Boolean tells an enum of false and true, which are keywords since C23.
func isC23Boolean(t *btf.Enum) bool {
	return len(t.Values) > 0 && (t.Values[0].Name == "false" || t.Values[0].Name == "true")
}

// printGuarded writes text that C23 has of its own, where it is that, for older C only.
func (w *writer) printGuarded(isGuarded bool, text string) {
	if isGuarded {
		text = "#if !defined(__STDC_VERSION__) || __STDC_VERSION__ < 202311L\n" + text[:len(text)-1] + "#endif\n\n"
	}
	w.out.WriteString(text)
}
