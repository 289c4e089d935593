package loader

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// SmallProgram is a program that is loaded for what the kernel says of it.
type SmallProgram struct {
	Type           uint32
	ExpectedAttach uint32
	Flags          uint32
	// AttachID is a type of the kernel, and AttachProgram a descriptor of the program that one of type ext extends.
	AttachID      uint32
	AttachProgram uint32
	// Code is bytecode, as the kernel takes it.
	Code []byte
}

// smallCall holds what its attribute refers to by number, in memory that does not move.
type smallCall struct {
	loadCall
	code, license []byte
}

// smallSize leaves out the fields of union bpf_attr that 5.10 does not know.
const smallSize = unsafe.Offsetof(progLoadAttr{}.coreReloCnt)

// Load asks the kernel for the program and closes it again. The log is in the buffer, which may be nil for none.
func (p SmallProgram) Load(buffer []byte) (errno unix.Errno, log []byte) {
	call := smallCall{code: p.Code, license: []byte("GPL\x00")}
	call.kernel, call.size = thisKernel, smallSize
	call.attr = progLoadAttr{
		progType:           p.Type,
		insnCnt:            uint32(len(p.Code) / insnSize),
		insns:              addressOf(call.code),
		license:            addressOf(call.license),
		progFlags:          p.Flags,
		expectedAttachType: p.ExpectedAttach,
		attachBtfID:        p.AttachID,
		attachBtfObjFd:     p.AttachProgram, // the same field
	}
	var fd int
	if buffer == nil {
		fd, errno = call.perform()
	} else {
		fd, errno, log = call.performWithLog(1, buffer)
	}
	runtime.KeepAlive(&call)
	if errno == 0 {
		_ = unix.Close(fd)
	}
	return errno, log
}

func addressOf(bytes []byte) uint64 {
	return uint64(uintptr(pointerTo(bytes)))
}

// pointerTo gives where bytes are, or nil where there are none.
func pointerTo(bytes []byte) unsafe.Pointer {
	return unsafe.Pointer(unsafe.SliceData(bytes))
}
