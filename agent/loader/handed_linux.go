package loader

import (
	"bytes"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"crossbpf/agent/protocol"
)

// handedOver describes a call as the kernel was given it. Descriptors are numbers of this process: those of maps are
// named instead, and their field is 0.
func handedOver(call *loadCall, created map[string]*ebpf.Map) *protocol.HandedProgram {
	attr := &call.attr
	handed := &protocol.HandedProgram{
		Instructions: bytes.Clone(call.code()),
		Maps:         []protocol.MapReference{},
		Type:         attr.progType,
		AttachType:   attr.expectedAttachType,
		Flags:        attr.progFlags,
		AttachBtfID:  attr.attachBtfID,
		Functions:    attr.funcInfoCnt,
		Lines:        attr.lineInfoCnt,
	}
	for i, one := range call.code().all() {
		isMap := one.source() == pseudoMapFd || one.source() == pseudoMapValue
		if one.op() != opLoad64 || !isMap {
			continue
		}
		name := mapName(one.immediate(), created)
		handed.Maps = append(handed.Maps, protocol.MapReference{Insn: i, Name: name})
		clear(handed.Instructions[i*insnSize+4 : (i+1)*insnSize])
	}
	return handed
}

// mapName is the name that a map has in the object; that of the kernel, which is shorter, where the object has none.
func mapName(fd int, created map[string]*ebpf.Map) string {
	for name, m := range created {
		if m.FD() == fd {
			return name
		}
	}
	var info mapInfo
	if err := infoOf(fd, &info); err != nil {
		return ""
	}
	return unix.ByteSliceToString(unsafe.Slice(&info.name[0], len(info.name)))
}
