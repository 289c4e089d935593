package loader

import (
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

func TestWhatMapsAreGiven(t *testing.T) {
	value := &btf.Struct{Name: "event", Size: 8}
	for _, c := range []struct {
		given, want ebpf.MapSpec
		said        string
	}{
		{ebpf.MapSpec{Type: ebpf.StackTrace}, ebpf.MapSpec{ValueSize: 1016}, "a value size of 1016 bytes, for 127 frames"},
		{ebpf.MapSpec{Type: ebpf.StackTrace, Flags: stacksBuildID}, ebpf.MapSpec{ValueSize: 4064}, "4064 bytes"},
		{ebpf.MapSpec{Type: ebpf.StackTrace, ValueSize: 80}, ebpf.MapSpec{ValueSize: 80}, ""},
		{ebpf.MapSpec{Type: ebpf.RingBuf, MaxEntries: 10000}, ebpf.MapSpec{MaxEntries: 16384}, "10000 bytes was rounded up to 16384"},
		{ebpf.MapSpec{Type: ebpf.RingBuf, MaxEntries: 100}, ebpf.MapSpec{MaxEntries: 4096}, "100 bytes was rounded up to 4096"},
		{ebpf.MapSpec{Type: ebpf.UserRingbuf, MaxEntries: 8192}, ebpf.MapSpec{MaxEntries: 8192}, ""},
		{ebpf.MapSpec{Type: ebpf.RingBuf, MaxEntries: 4096, Value: value}, ebpf.MapSpec{MaxEntries: 4096}, "value type was left out"},
		{ebpf.MapSpec{Type: ebpf.PerfEventArray}, ebpf.MapSpec{}, "size of 4 bytes, without which libbpf would fail"},
		{ebpf.MapSpec{Type: ebpf.PerfEventArray, KeySize: 4, Value: value}, ebpf.MapSpec{}, "size of 4 bytes"},
		{ebpf.MapSpec{Type: ebpf.PerfEventArray, KeySize: 4, Value: &btf.Int{Size: 4}}, ebpf.MapSpec{}, ""},
		{ebpf.MapSpec{Type: ebpf.Hash, MaxEntries: 10000}, ebpf.MapSpec{MaxEntries: 10000}, ""},
	} {
		m := c.given
		said := strings.Join(completeMap(&m), "; ")
		if m.ValueSize != c.want.ValueSize || m.MaxEntries != c.want.MaxEntries {
			t.Errorf("%v became %v", &c.given, &m)
		}
		if (said == "") != (c.said == "") || !strings.Contains(said, c.said) {
			t.Errorf("%v: said %q", &c.given, said)
		}
	}
}

func TestValuesOfOptions(t *testing.T) {
	char := &btf.Int{Name: "char", Size: 1}
	for _, c := range []struct {
		t    btf.Type
		text string
		want string
	}{
		{&btf.Int{Size: 1, Encoding: btf.Bool}, "y", "\x01"},
		{&btf.Int{Size: 1, Encoding: btf.Bool}, "m", "error"},
		{char, "m", "m"},
		{&btf.Enum{Name: "libbpf_tristate", Size: 4}, "m", "\x02\x00\x00\x00"},
		{&btf.Typedef{Name: "u32", Type: &btf.Int{Size: 4}}, "250", "\xfa\x00\x00\x00"},
		{&btf.Int{Size: 4, Encoding: btf.Signed}, "-1", "\xff\xff\xff\xff"},
		{&btf.Int{Size: 2}, "0x10000", "error"},
		{&btf.Array{Type: char, Nelems: 4}, `"abcdef"`, "abc\x00"},
		{&btf.Int{Size: 4}, `"abcdef"`, "error"},
	} {
		size, err := btf.Sizeof(c.t)
		if err != nil {
			t.Fatal(err)
		}
		value := make([]byte, size)
		got := "error"
		if putOption(value, c.t, c.text) == nil {
			got = string(value)
		}
		if got != c.want {
			t.Errorf("%v = %s: %q, want %q", c.t, c.text, got, c.want)
		}
	}
}
