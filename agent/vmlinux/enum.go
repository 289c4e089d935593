package vmlinux

import (
	"fmt"
	"math"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// enum writes an enum with its values.
func (w *writer) enum(t *btf.Enum, indent string) string {
	name := "enum"
	if t.Name != "" {
		name = w.tag(t)
	}
	if len(t.Values) == 0 {
		return name
	}
	var lines strings.Builder
	wide := false
	for _, value := range t.Values {
		wide = wide || needs64(t, value.Value)
		fmt.Fprintf(&lines, "%s\t%s = %s,\n", indent, w.names.constant(value.Name), constant(t, value.Value))
	}
	return name + " {\n" + lines.String() + indent + "}" + mode(t.Size, wide)
}

// inlineEnum writes an enum without a name. Its values can be there once only: after that it is an integer.
func (w *writer) inlineEnum(t *btf.Enum, indent string) string {
	if !w.inlined[t] && len(t.Values) > 0 {
		w.inlined[t] = true
		return w.enum(t, indent)
	}
	sign := "unsigned "
	if t.Signed {
		sign = "signed "
	}
	return sign + map[uint32]string{1: "char", 2: "short", 4: "int", 8: "long long"}[t.Size]
}

func constant(t *btf.Enum, value uint64) string {
	switch {
	case t.Signed && t.Size == 8 && int64(value) == math.MinInt64:
		return "(-9223372036854775807LL - 1)"
	case t.Signed && t.Size == 8 && needs64(t, value):
		return fmt.Sprintf("%dLL", int64(value))
	case t.Signed && t.Size == 8:
		return fmt.Sprint(int64(value))
	case t.Signed:
		return fmt.Sprint(int32(value))
	case needs64(t, value):
		return fmt.Sprintf("%dULL", value)
	}
	return fmt.Sprint(value)
}

func needs64(t *btf.Enum, value uint64) bool {
	if t.Signed {
		return t.Size == 8 && int64(value) != int64(int32(value))
	}
	return value > math.MaxUint32
}

// mode is the attribute for an enum of another size than the one that clang would give it.
func mode(size uint32, wide bool) string {
	switch {
	case size == 1:
		return " __attribute__((mode(byte)))"
	case size == 2:
		return " __attribute__((mode(HI)))"
	case size == 8 && !wide:
		return " __attribute__((mode(DI)))"
	}
	return ""
}
