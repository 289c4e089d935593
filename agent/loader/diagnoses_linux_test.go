package loader

import (
	"strings"
	"testing"

	"github.com/cilium/ebpf"
)

func TestWhatIsWrongWithADeclaration(t *testing.T) {
	for want, m := range map[string]ebpf.MapSpec{
		"a map of type stack has no keys, and m declares some of 4 bytes":     {Type: ebpf.Stack, KeySize: 4, ValueSize: 4},
		"a map of type ringbuf has no values, and m declares some of 8 bytes": {Type: ebpf.RingBuf, ValueSize: 8},
		"keys of type array have 4 bytes, and those of m have 8":              {Type: ebpf.Array, KeySize: 8, ValueSize: 8},
		"map m of type hash declares no size of its keys":                     {Type: ebpf.Hash, ValueSize: 8},
		"map m of type hash declares no size of its values":                   {Type: ebpf.Hash, KeySize: 8},
	} {
		m.Name = "m"
		if got := faultOf(&m); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
	for _, m := range []ebpf.MapSpec{
		{Type: ebpf.Stack, ValueSize: 4}, {Type: ebpf.RingBuf, MaxEntries: 4096}, {Type: ebpf.Arena},
		{Type: ebpf.ArrayOfMaps, KeySize: 4}, {Type: ebpf.Hash, KeySize: 12, ValueSize: 1},
	} {
		if got := faultOf(&m); got != "" {
			t.Errorf("%v: %q", &m, got)
		}
	}
}

func TestASectionThatGivesNoType(t *testing.T) {
	for section, want := range map[string]string{
		"xpd":    `section "xpd" gives the program no type; did you mean "xdp"?`,
		"filter": "the loader does not know this section name, so the program has no type",
	} {
		_, words, found := (&Loader{}).unloadable(&ebpf.ProgramSpec{SectionName: section})
		if !found || words != want {
			t.Errorf("%s: %q", section, words)
		}
	}
}

func TestAProgramWhoseNameTheKernelDoesNotTake(t *testing.T) {
	a := attempt{maps: &sharedMaps{notes: mapNotes{}}, spec: &ebpf.CollectionSpec{}, program: &ebpf.ProgramSpec{Name: "odd-name"}}
	if said := a.notes(); len(said) != 1 || !strings.Contains(said[0], `"oddname"`) {
		t.Errorf("%q", said)
	}
	a.program.Name = "plain_2"
	if said := a.notes(); len(said) != 0 {
		t.Errorf("%q", said)
	}
}
