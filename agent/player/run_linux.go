package player

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"crossbpf/agent/protocol"
	"crossbpf/agent/thread"
)

// testRunAttr is the part of union bpf_attr that BPF_PROG_TEST_RUN takes (include/uapi/linux/bpf.h).
type testRunAttr struct {
	programFd   uint32
	retval      uint32
	dataSizeIn  uint32
	dataSizeOut uint32
	dataIn      unsafe.Pointer
	dataOut     unsafe.Pointer
	repeat      uint32
	duration    uint32
	ctxSizeIn   uint32
	ctxSizeOut  uint32
	ctxIn       unsafe.Pointer
	ctxOut      unsafe.Pointer
	flags       uint32
	cpu         uint32
}

const runOnCPU = 1 << 0 // BPF_F_TEST_RUN_ON_CPU

// largestDataOut bounds what a step may ask for, in bytes.
const largestDataOut = 4 << 20

// largestContext is room for any context that comes back, as the kernel returns none that does not fit: in bytes.
const largestContext = 1 << 10

// run makes one BPF_PROG_TEST_RUN. cilium/ebpf does the same but for the duration, and starts again when a signal
// interrupts it, which is how a run is ended that takes too long.
func (s *scene) run(step protocol.Step) (protocol.StepReply, error) {
	program, err := s.program(step.Program)
	if err != nil {
		return protocol.StepReply{}, err
	}
	if step.DataOutBytes < 0 || step.DataOutBytes > largestDataOut {
		return protocol.StepReply{}, fmt.Errorf("room for %d bytes of output is more than %d", step.DataOutBytes, largestDataOut)
	}
	kind := program.Type()
	dataOut := make([]byte, step.DataOutBytes)
	ctx := append([]byte(nil), step.Ctx...)
	var ctxOut []byte
	if len(ctx) > 0 && returnsContext(kind) {
		ctxOut = make([]byte, largestContext)
	}
	attr := testRunAttr{
		programFd:  uint32(program.FD()),
		dataSizeIn: uint32(len(step.Data)), dataIn: pointer(step.Data),
		dataSizeOut: uint32(len(dataOut)), dataOut: pointer(dataOut),
		ctxSizeIn: uint32(len(ctx)), ctxIn: pointer(ctx),
		ctxSizeOut: uint32(len(ctxOut)), ctxOut: pointer(ctxOut),
	}
	if step.Repeat > 1 { // once is what 0 means too, and raw tracepoints take nothing else
		attr.repeat = step.Repeat
	}
	if step.CPU != nil {
		attr.flags, attr.cpu = runOnCPU, *step.CPU
	}
	errno, err := attr.call()
	runtime.KeepAlive(program)
	if err != nil {
		return protocol.StepReply{}, err
	}
	if errno != 0 && errno != unix.ENOSPC {
		return protocol.StepReply{}, fmt.Errorf("run %s: %w", step.Program, errno)
	}
	reply := protocol.StepReply{Retval: &attr.retval, RunNs: &attr.duration}
	if len(dataOut) > 0 {
		reply.DataOut = bytesOut(dataOut, attr.dataSizeOut)
	}
	switch {
	case len(ctxOut) > 0:
		// As much of it as came in: how much there is differs from kernel to kernel.
		reply.CtxOut = bytesOut(ctxOut, min(attr.ctxSizeOut, uint32(len(ctx))))
	case kind == ebpf.Syscall && len(ctx) > 0:
		reply.CtxOut = bytesOut(ctx, uint32(len(ctx))) // written in place
	}
	if errno != 0 {
		return reply, fmt.Errorf("the data that comes out has %d bytes, more than the %d that were asked for: %w",
			attr.dataSizeOut, len(dataOut), errno)
	}
	return reply, nil
}

// call is ended by nothing but Thread.Interrupt.
func (a *testRunAttr) call() (errno unix.Errno, err error) {
	err = thread.Undisturbed(func() {
		_, _, errno = unix.Syscall(unix.SYS_BPF, unix.BPF_PROG_TEST_RUN, uintptr(unsafe.Pointer(a)), unsafe.Sizeof(*a))
	})
	return errno, err
}

// returnsContext tells which types of programs a context comes back from: the others refuse room for it.
func returnsContext(kind ebpf.ProgramType) bool {
	switch kind {
	case ebpf.SocketFilter, ebpf.SchedCLS, ebpf.SchedACT, ebpf.CGroupSKB, ebpf.LWTIn, ebpf.LWTOut, ebpf.LWTXmit,
		ebpf.LWTSeg6Local, ebpf.XDP, ebpf.SkLookup:
		return true
	}
	return false
}

func pointer(bytes []byte) unsafe.Pointer {
	if len(bytes) == 0 {
		return nil
	}
	return unsafe.Pointer(unsafe.SliceData(bytes))
}

func bytesOut(buffer []byte, size uint32) *protocol.Bytes {
	out := protocol.Bytes(buffer[:min(int(size), len(buffer))])
	return &out
}
