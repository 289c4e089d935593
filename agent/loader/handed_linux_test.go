package loader

import (
	"testing"

	"crossbpf/agent/protocol"
)

func TestWhatIsHandedOverNamesMapsInPlaceOfDescriptors(t *testing.T) {
	code := bytecode{
		0x18, 0x11, 0, 0, 0xff, 0xff, 0xff, 0x7f, // r1 = map 0x7fffffff, which is no descriptor of this process
		0, 0, 0, 0, 0, 0, 0, 0,
		0xb7, 0, 0, 0, 7, 0, 0, 0, // r0 = 7
		0x95, 0, 0, 0, 0, 0, 0, 0, // exit
	}
	call := &loadCall{attr: progLoadAttr{
		progType: 1, insnCnt: uint32(code.count()), insns: addressOf(code), attachBtfID: 9, progFlags: 2,
	}}
	handed := handedOver(call, nil)
	if handed.Type != 1 || handed.AttachBtfID != 9 || handed.Flags != 2 {
		t.Errorf("%+v", handed)
	}
	if len(handed.Maps) != 1 || handed.Maps[0] != (protocol.MapReference{Insn: 0, Name: ""}) {
		t.Errorf("maps: %+v", handed.Maps)
	}
	given := bytecode(handed.Instructions)
	if given.at(0).immediate() != 0 || given.at(2).immediate() != 7 || code.at(0).immediate() != 0x7fffffff {
		t.Errorf("%x of %x", given, code)
	}
}
