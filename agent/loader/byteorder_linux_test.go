package loader

import (
	"encoding/binary"
	"testing"

	"github.com/cilium/ebpf"

	"crossbpf/agent/protocol"
)

func TestProgramsOfTheOtherByteOrderAreNotLoaded(t *testing.T) {
	if thisOrder() != binary.LittleEndian {
		t.Skip("this machine is of another byte order")
	}
	l := &Loader{}
	program := &ebpf.ProgramSpec{Name: "p", Type: ebpf.XDP, ByteOrder: binary.BigEndian}
	a := &attempt{loader: l, program: program, spec: &ebpf.CollectionSpec{}, maps: &sharedMaps{}, broken: "it cannot be read"}
	reply, _, err := l.loadProgram(a)
	want := "can't load BigEndian program on LittleEndian"
	if err != nil || reply.Verdict != protocol.Unsupported || reply.Message != want {
		t.Errorf("%+v %v", reply, err)
	}
}
