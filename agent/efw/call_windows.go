package efw

import (
	"errors"
	"runtime"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Commands of bpf() (include/linux/bpf.h of eBPF for Windows): those of Linux.
const (
	mapCreate   = 0
	programLoad = 5
	testRun     = 10
)

// call is int bpf(int cmd, union bpf_attr* attr, unsigned int size), which answers with a negative errno.
func (l *Library) call(command int, attribute unsafe.Pointer, size uintptr) (result int, lastError syscall.Errno, err error) {
	bpf, err := l.find("bpf")
	if err != nil {
		return 0, 0, err
	}
	answer, _, lastError := syscall.SyscallN(bpf, uintptr(command), uintptr(attribute), size)
	if result = int(int32(answer)); result < 0 {
		return 0, lastError, Errno(-result)
	}
	return result, lastError, nil
}

// mapAttribute is sys_bpf_map_create_attr_t.
type mapAttribute struct {
	kind, keySize, valueSize, maxEntries, flags, innerMap, node uint32
	name                                                        [16]byte
	interfaceIndex                                              uint32
}

// ProbeDriver makes a map, which only a running eBPFCore does, and closes it.
func (l *Library) ProbeDriver() error {
	const array = 2
	attribute := mapAttribute{kind: array, keySize: 4, valueSize: 4, maxEntries: 1}
	descriptor, _, err := l.call(mapCreate, unsafe.Pointer(&attribute), unsafe.Sizeof(attribute))
	if err != nil {
		return err
	}
	closeDescriptor, err := l.find("ebpf_close_fd")
	if err != nil {
		return err
	}
	_, _, _ = syscall.SyscallN(closeDescriptor, uintptr(descriptor))
	return nil
}

// programAttribute is as much of sys_bpf_prog_load_attr_t as matters here.
type programAttribute struct {
	kind, count  uint32
	instructions uint64
	rest         [96]byte
}

// TakesInstructions tells whether the installation can load programs that are not native images. A build for those alone
// refuses BPF_PROG_LOAD whatever it holds, and says so in the thread's last error (libs/api/bpf_syscall.cpp).
func (l *Library) TakesInstructions() bool {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var attribute programAttribute
	_, lastError, err := l.call(programLoad, unsafe.Pointer(&attribute), unsafe.Sizeof(attribute))
	var errno Errno
	return errors.As(err, &errno) && !errors.Is(lastError, windows.ERROR_NOT_SUPPORTED)
}

// runAttribute is sys_bpf_prog_run_attr_t.
type runAttribute struct {
	program, retval, dataSizeIn, dataSizeOut uint32
	dataIn, dataOut                          unsafe.Pointer
	repeat, duration, ctxSizeIn, ctxSizeOut  uint32
	ctxIn, ctxOut                            unsafe.Pointer
	flags, cpu, batchSize, _                 uint32
}

// Run is a test run of a program.
type Run struct {
	// Program is its descriptor.
	Program int
	Data    []byte
	Ctx     []byte
	Repeat  uint32
	CPU     *uint32
	// DataOut is room for the data that comes out.
	DataOut []byte
}

// RunResult is what came of it.
type RunResult struct {
	Retval uint32
	// Data and Ctx are what came out.
	Data, Ctx []byte
	// Nanoseconds is how long one of the repetitions took, in steps of 100.
	Nanoseconds uint32
}

// Run runs a program. What comes out needs room for as much as goes in, as the reply is laid out for that
// (ebpf_program_test_run of libs/api/ebpf_api.cpp).
func (l *Library) Run(run Run) (RunResult, error) {
	dataOut := run.DataOut
	if len(dataOut) < len(run.Data) {
		dataOut = make([]byte, len(run.Data))
	}
	ctxOut := make([]byte, len(run.Ctx))
	attribute := runAttribute{
		program:    uint32(run.Program),
		dataSizeIn: uint32(len(run.Data)), dataIn: pointer(run.Data),
		dataSizeOut: uint32(len(dataOut)), dataOut: pointer(dataOut),
		repeat:    max(1, run.Repeat),
		ctxSizeIn: uint32(len(run.Ctx)), ctxIn: pointer(run.Ctx),
		ctxSizeOut: uint32(len(ctxOut)), ctxOut: pointer(ctxOut),
	}
	if run.CPU != nil {
		attribute.cpu = *run.CPU
	}
	_, _, err := l.call(testRun, unsafe.Pointer(&attribute), unsafe.Sizeof(attribute))
	runtime.KeepAlive(run)
	if err != nil {
		return RunResult{}, err
	}
	return RunResult{
		Retval:      attribute.retval,
		Data:        dataOut[:min(int(attribute.dataSizeOut), len(dataOut))],
		Ctx:         ctxOut[:min(int(attribute.ctxSizeOut), len(ctxOut))],
		Nanoseconds: attribute.duration,
	}, nil
}

func pointer(bytes []byte) unsafe.Pointer {
	if len(bytes) == 0 {
		return nil
	}
	return unsafe.Pointer(unsafe.SliceData(bytes))
}
