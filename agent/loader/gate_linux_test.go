package loader

import (
	"errors"
	"os"
	"runtime"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"golang.org/x/sys/unix"
)

// testGate opens a gate, once for all tests, as its thread stays. No right to load programs is needed.
var testGate = sync.OnceValues(openGate)

func gateOrSkip(t *testing.T) *gate {
	t.Helper()
	g, err := testGate()
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.EBUSY) {
		t.Skipf("this machine permits no seccomp listener: %v", err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func sampleProgram() *ebpf.ProgramSpec {
	return &ebpf.ProgramSpec{
		Name: "sample", Type: ebpf.SocketFilter, License: "GPL",
		Instructions: asm.Instructions{asm.Mov.Imm(asm.R0, 7), asm.Return()},
	}
}

func TestTheGateMakesTheCallInTheLibrarysPlace(t *testing.T) {
	g := gateOrSkip(t)
	null, err := os.Open(os.DevNull)
	if err != nil {
		t.Fatal(err)
	}
	defer null.Close()
	var seen loadCall
	var code []byte
	handler := func(call *loadCall) (int, unix.Errno) {
		seen = *call
		code = append(code, bytesAt(call.attr.insns, 8*int(call.attr.insnCnt))...)
		fd, err := unix.Dup(int(null.Fd()))
		if err != nil {
			return -1, unix.EIO
		}
		return fd, 0
	}
	var program *ebpf.Program
	g.run(handler, func() {
		program, err = ebpf.NewProgramWithOptions(sampleProgram(), ebpf.ProgramOptions{LogLevel: gatedLevel})
	})
	if err != nil {
		t.Fatal(err)
	}
	defer program.Close()
	if seen.attr.progType != uint32(ebpf.SocketFilter) || seen.attr.insnCnt != 2 {
		t.Errorf("%+v", seen.attr)
	}
	if want := []byte{0xb7, 0, 0, 0, 7, 0, 0, 0}; runtime.GOARCH == "amd64" && string(code[:8]) != string(want) {
		t.Errorf("instructions % x", code)
	}
	var stat unix.Stat_t
	if err := unix.Fstat(program.FD(), &stat); err != nil || stat.Mode&unix.S_IFMT != unix.S_IFCHR {
		t.Errorf("the descriptor that the handler made did not arrive: %v", err)
	}
}

func TestTheGateHandsOnErrorsAndTheLog(t *testing.T) {
	g := gateOrSkip(t)
	var err error
	g.run(func(call *loadCall) (int, unix.Errno) {
		copy(bytesAt(call.attr.logBuf, int(call.attr.logSize)), "R0 !read_ok\n\x00")
		return -1, unix.EACCES
	}, func() {
		_, err = ebpf.NewProgramWithOptions(sampleProgram(), ebpf.ProgramOptions{LogLevel: gatedLevel})
	})
	var refused *ebpf.VerifierError
	if !errors.As(err, &refused) || !errors.Is(err, unix.EACCES) || !strings.Contains(err.Error(), "R0 !read_ok") {
		t.Error(err)
	}
}

func TestTheGateLeavesProbesAlone(t *testing.T) {
	g := gateOrSkip(t)
	called := false
	g.run(func(*loadCall) (int, unix.Errno) { called = true; return -1, unix.EIO }, func() {
		program, err := ebpf.NewProgramWithOptions(sampleProgram(), ebpf.ProgramOptions{LogDisabled: true})
		if err == nil {
			program.Close()
		} else if errors.Is(err, unix.EIO) {
			t.Error(err)
		}
	})
	if called {
		t.Error("a call without the mark reached the handler")
	}
}

func TestTheGateHandsOnPanics(t *testing.T) {
	g := gateOrSkip(t)
	defer func() {
		if cause := recover(); cause != "a bug" {
			t.Errorf("%v", cause)
		}
	}()
	g.run(nil, func() { panic("a bug") })
}

func TestTheFilterStaysOnItsThread(t *testing.T) {
	gateOrSkip(t)
	status, err := os.ReadFile("/proc/thread-self/status")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(status), "Seccomp:\t0") {
		t.Skip("this process has a seccomp filter of its own")
	}
	// Threads that are made now must not have the filter either.
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			runtime.LockOSThread()
			status, err := os.ReadFile("/proc/thread-self/status")
			if err != nil || !strings.Contains(string(status), "Seccomp:\t0") {
				t.Errorf("a thread has the filter: %v", err)
			}
		})
	}
	all.Wait()
}

func TestProgLoadAttrIsLaidOutAsTheKernels(t *testing.T) {
	var attr progLoadAttr
	for name, offsets := range map[string][2]uintptr{
		"log_buf":              {unsafe.Offsetof(attr.logBuf), 32},
		"expected_attach_type": {unsafe.Offsetof(attr.expectedAttachType), 68},
		"attach_btf_id":        {unsafe.Offsetof(attr.attachBtfID), 108},
		"fd_array":             {unsafe.Offsetof(attr.fdArray), 120},
		"log_true_size":        {unsafe.Offsetof(attr.logTrueSize), 140},
	} {
		if offsets[0] != offsets[1] {
			t.Errorf("%s at %d, in union bpf_attr at %d", name, offsets[0], offsets[1])
		}
	}
}
