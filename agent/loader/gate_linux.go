package loader

import (
	"errors"
	"fmt"
	"runtime"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// gatedLevel is a log level that no kernel knows. It marks the program that a load is about, as opposed to the small
// programs by which cilium/ebpf probes for features.
const gatedLevel = 1 << 30

// gate stands between cilium/ebpf and BPF_PROG_LOAD: the library prepares a program, and the gate makes the system
// call, exactly as prepared, but for the log.
//
// The library cannot be told to be content with a part of a log. It doubles its buffer until all fits, which means
// eleven verifications and more memory than a guest has for a log of 100 MB. It has no hook for the call either. So its
// thread carries a seccomp filter that hands each BPF_PROG_LOAD to a listener in this same process (seccomp_unotify(2),
// Linux 5.0): both share memory and file descriptors, so the listener can make the call in the thread's place.
//
// The thread waits in the kernel while the listener reads what it has prepared, and its frames keep that alive. The
// race detector does not see this order, as it is the kernel that makes it.
type gate struct {
	listener int
	jobs     chan func()
	handler  atomic.Pointer[gateHandler]
}

// gateHandler makes a marked call in its own way.
type gateHandler func(call *loadCall) (fd int, errno unix.Errno)

// openGate starts the gate's thread and its listener, which both last as long as the process. It fails where the
// kernel has no seccomp listeners, or where they are not permitted.
func openGate() (*gate, error) {
	g := &gate{jobs: make(chan func())}
	ready := make(chan error)
	go g.work(ready)
	if err := <-ready; err != nil {
		return nil, fmt.Errorf("seccomp listener: %w", err)
	}
	go g.listen()
	return g, nil
}

// run runs the job on the gated thread with the given handler for marked calls, and waits for its end.
func (g *gate) run(handler gateHandler, job func()) {
	done := make(chan any)
	g.handler.Store(&handler)
	g.jobs <- func() {
		defer func() { done <- recover() }()
		job()
	}
	cause := <-done
	g.handler.Store(nil)
	if cause != nil {
		panic(cause)
	}
}

// work owns the gated thread. It never unlocks it, so that the filter stays on this thread alone: Go does not clone
// new threads from a locked one.
func (g *gate) work(ready chan<- error) {
	runtime.LockOSThread()
	if err := blockSignals(); err != nil {
		ready <- err
		return
	}
	listener, err := installFilter()
	if err != nil {
		ready <- err
		return
	}
	g.listener = listener
	ready <- nil
	for job := range g.jobs {
		job()
	}
}

// listen makes the calls of the gated thread, one after the other.
func (g *gate) listen() {
	runtime.LockOSThread()
	// A failure only means that a signal may make the verifier start again.
	_ = blockSignals()
	for {
		var request seccompNotification
		if err := ioctl(g.listener, unix.SECCOMP_IOCTL_NOTIF_RECV, unsafe.Pointer(&request)); err != nil {
			if errors.Is(err, unix.EINTR) || errors.Is(err, unix.ENOENT) {
				continue
			}
			panic(fmt.Errorf("seccomp listener: %w", err))
		}
		fd, errno := g.answer(&request)
		response := seccompResponse{id: request.id, val: int64(fd), error: -int32(errno)}
		if errno != 0 {
			response.val = 0
		}
		if err := ioctl(g.listener, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&response)); err != nil && errno == 0 {
			unix.Close(fd)
		}
	}
}

func (g *gate) answer(request *seccompNotification) (fd int, errno unix.Errno) {
	call := loadCall{kernel: thisKernel}
	call.size = min(uintptr(request.args[2]), unsafe.Sizeof(call.attr))
	call.theirs = bytesAt(request.args[1], int(call.size))
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&call.attr)), call.size), call.theirs)
	handler := g.handler.Load()
	if call.attr.logLevel != gatedLevel || handler == nil {
		return call.perform()
	}
	return (*handler)(&call)
}

// seccompNotification is struct seccomp_notif of include/uapi/linux/seccomp.h.
type seccompNotification struct {
	id    uint64
	pid   uint32
	flags uint32
	nr    int32
	arch  uint32
	ip    uint64
	args  [6]uint64
}

// seccompResponse is struct seccomp_notif_resp.
type seccompResponse struct {
	id    uint64
	val   int64
	error int32
	flags uint32
}

// installFilter makes BPF_PROG_LOAD on this thread, and nothing else, go to the listener that it returns.
func installFilter() (listener int, err error) {
	const number, firstArgument = 0, 16 // offsets in struct seccomp_data
	instructions := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: number},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 3, K: unix.SYS_BPF},
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: firstArgument + lowWord()},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, Jf: 1, K: unix.BPF_PROG_LOAD},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_USER_NOTIF},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
	}
	program := unix.SockFprog{Len: uint16(len(instructions)), Filter: &instructions[0]}
	install := func() (int, unix.Errno) {
		fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
			unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, uintptr(unsafe.Pointer(&program)))
		return int(fd), errno
	}
	fd, errno := install()
	if errno == unix.EACCES {
		// Without CAP_SYS_ADMIN. This thread starts no programs, so it can do without new privileges.
		if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
			return -1, err
		}
		fd, errno = install()
	}
	if errno != 0 {
		return -1, errno
	}
	return fd, nil
}

// lowWord is where the lower half of a 64-bit number stands in memory.
func lowWord() uint32 {
	one := uint16(1)
	if *(*byte)(unsafe.Pointer(&one)) == 1 {
		return 0
	}
	return 4
}

// blockSignals keeps signals off this thread, as one interrupts a system call that waits in the gate, and makes the
// verifier start again. Those that the thread's own faults raise must stay.
func blockSignals() error {
	var set unix.Sigset_t
	for i := range set.Val {
		set.Val[i] = ^set.Val[i]
	}
	wordBits := 8 * int(unsafe.Sizeof(set.Val[0]))
	for _, signal := range []unix.Signal{unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP, unix.SIGSYS, unix.SIGABRT} {
		bit := int(signal) - 1
		set.Val[bit/wordBits] &^= 1 << (bit % wordBits)
	}
	return unix.PthreadSigmask(unix.SIG_BLOCK, &set, nil)
}

func ioctl(fd int, request uint, argument unsafe.Pointer) error {
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), uintptr(request), uintptr(argument)); errno != 0 {
		return errno
	}
	return nil
}
