package efw

import (
	"fmt"
	"runtime"
	"unsafe"
)

// testRun is BPF_PROG_TEST_RUN.
const testRun = 10

// Most bytes of data and context together: each message has a length of 16 bits, and these many bytes before them
// (ebpf_operation_program_test_run_request_t and …_reply_t of libs/execution_context/ebpf_protocol.h).
const (
	largestRequest = 0xffff - 42
	largestReply   = 0xffff - 32
)

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
	// Room is how many bytes of data may come out.
	Room int
}

// RunResult is what came of it.
type RunResult struct {
	Retval uint32
	// Data is what came out.
	Data []byte
	// Ctx is the context that came out; nil where there is none, or where it cannot be found.
	Ctx []byte
	// Nanoseconds is how long one of the repetitions took, in steps of 100.
	Nanoseconds uint32
}

// roomFor returns how many bytes are kept for data that comes out. The driver puts the context behind all of them, the
// library looks for it behind those that were used (_ebpf_core_protocol_program_test_run of
// libs/execution_context/ebpf_core.c, ebpf_program_test_run of libs/api/ebpf_api.cpp), so that a context needs room that
// fits.
func (r Run) roomFor() (int, error) {
	if given := len(r.Data) + len(r.Ctx); given > largestRequest {
		return 0, fmt.Errorf("%d bytes of data and context are more than the %d that a test run takes on Windows", given, largestRequest)
	}
	if len(r.Ctx) > 0 {
		return len(r.Data), nil
	}
	return min(max(r.Room, len(r.Data)), largestReply), nil
}

// Run runs a program.
func (l *Library) Run(run Run) (RunResult, error) {
	room, err := run.roomFor()
	if err != nil {
		return RunResult{}, err
	}
	dataOut, ctxOut := make([]byte, room), make([]byte, len(run.Ctx))
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
	if _, _, err = l.call(testRun, unsafe.Pointer(&attribute), unsafe.Sizeof(attribute)); err != nil {
		return RunResult{}, err
	}
	runtime.KeepAlive(run)
	used := min(int(attribute.dataSizeOut), room)
	result := RunResult{Retval: attribute.retval, Data: dataOut[:used], Nanoseconds: attribute.duration}
	if used == room && len(ctxOut) > 0 {
		result.Ctx = ctxOut[:min(int(attribute.ctxSizeOut), len(ctxOut))]
	}
	return result, nil
}

func pointer(bytes []byte) unsafe.Pointer {
	if len(bytes) == 0 {
		return nil
	}
	return unsafe.Pointer(unsafe.SliceData(bytes))
}
