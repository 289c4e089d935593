package loader

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// progLoadAttr is the part of union bpf_attr that BPF_PROG_LOAD takes (include/uapi/linux/bpf.h). Its pointers are
// numbers here: what they refer to is kept alive by whoever made the attribute.
type progLoadAttr struct {
	progType           uint32
	insnCnt            uint32
	insns              uint64
	license            uint64
	logLevel           uint32
	logSize            uint32
	logBuf             uint64
	kernVersion        uint32
	progFlags          uint32
	progName           [16]byte
	progIfindex        uint32
	expectedAttachType uint32
	progBtfFd          uint32
	funcInfoRecSize    uint32
	funcInfo           uint64
	funcInfoCnt        uint32
	lineInfoRecSize    uint32
	lineInfo           uint64
	lineInfoCnt        uint32
	attachBtfID        uint32
	attachBtfObjFd     uint32
	coreReloCnt        uint32
	fdArray            uint64
	coreRelos          uint64
	coreReloRecSize    uint32
	logTrueSize        uint32
	// newer holds the fields that were added later, which pass through as they are.
	newer [112]byte
}

// loadCall is one BPF_PROG_LOAD: its attribute, how many bytes of it the caller filled in, and the kernel to ask.
type loadCall struct {
	attr   progLoadAttr
	size   uintptr
	kernel kernel
	// theirs is the attribute where the caller has it; nil for a call of this package's own.
	theirs []byte
	// scratch is a buffer for a log that may be used again with the next call; nil for none.
	scratch []byte
}

// logBuffer gives a buffer of the size.
func (c *loadCall) logBuffer(size int) []byte {
	if size <= len(c.scratch) {
		return c.scratch[:size]
	}
	return make([]byte, size)
}

// code is the program that the call loads.
func (c *loadCall) code() bytecode {
	if c.attr.insns == 0 {
		return nil
	}
	return bytesAt(c.attr.insns, insnSize*int(c.attr.insnCnt))
}

// kernel takes a BPF_PROG_LOAD and returns a file descriptor or an error.
type kernel func(attr *progLoadAttr, size uintptr) (fd int, errno unix.Errno)

// thisKernel makes the system call.
func thisKernel(attr *progLoadAttr, size uintptr) (fd int, errno unix.Errno) {
	result, _, errno := unix.Syscall(unix.SYS_BPF, unix.BPF_PROG_LOAD, uintptr(unsafe.Pointer(attr)), size)
	if errno != 0 {
		return -1, errno
	}
	return int(result), 0
}

// thisKernelAtOnce makes the system call without a word to Go's scheduler, which then finds nothing to hand on: code that
// a restored guest would have to translate. Nothing else may have to run meanwhile.
func thisKernelAtOnce(attr *progLoadAttr, size uintptr) (fd int, errno unix.Errno) {
	result, _, errno := unix.RawSyscall(unix.SYS_BPF, unix.BPF_PROG_LOAD, uintptr(unsafe.Pointer(attr)), size)
	if errno != 0 {
		return -1, errno
	}
	return int(result), 0
}

// perform asks the kernel. The verifier gives up with EAGAIN when a signal is pending, so it is asked again.
func (c *loadCall) perform() (fd int, errno unix.Errno) {
	for {
		fd, errno = c.kernel(&c.attr, c.size)
		if errno != unix.EAGAIN {
			return fd, errno
		}
	}
}

// performWithLog makes the system call with the given kind of log, and returns the bytes of it in the buffer. The
// attribute's logTrueSize is then the log's whole size with its final zero, from Linux 6.4 on, else 0.
func (c *loadCall) performWithLog(level uint32, buffer []byte) (fd int, errno unix.Errno, log []byte) {
	c.attr.logLevel = level
	c.attr.logSize = uint32(len(buffer))
	c.attr.logBuf = addressOf(buffer)
	c.attr.logTrueSize = 0
	buffer[0] = 0
	fd, errno = c.perform()
	log = untilZero(buffer)
	runtime.KeepAlive(buffer)
	return fd, errno, log
}

// bytesAt returns memory of this process by its address, as the kernel would see it.
func bytesAt(address uint64, size int) []byte {
	pointer := uintptr(address)
	return unsafe.Slice(*(**byte)(unsafe.Pointer(&pointer)), size)
}
