package loader

import (
	"encoding/binary"
	"testing"

	"github.com/cilium/ebpf"
)

func TestProgramsOfTheOtherByteOrderAreNotLoaded(t *testing.T) {
	for order, want := range map[binary.ByteOrder]string{
		binary.LittleEndian: "", binary.BigEndian: "can't load BigEndian program on LittleEndian",
	} {
		if thisOrder() != binary.LittleEndian {
			t.Skip("this machine is of another byte order")
		}
		_, words, found := (&Loader{}).unloadable(&ebpf.ProgramSpec{Type: ebpf.XDP, ByteOrder: order})
		if words != want || found != (want != "") {
			t.Errorf("%v: %q", order, words)
		}
	}
}
