// Package thread runs work on a thread of its own, which may have namespaces and a cgroup that the rest of the process
// has not.
package thread

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Thread is a thread of the operating system that does one job after the other. It ends with End, and takes with it
// all that was changed about it.
type Thread struct {
	jobs  chan func()
	ended chan struct{}
	id    int
}

// Start makes a thread with the name that programs see it by, of at most 15 bytes.
func Start(name string) (*Thread, error) {
	t := &Thread{jobs: make(chan func()), ended: make(chan struct{})}
	ready := make(chan error)
	go t.begin(name, ready)
	if err := <-ready; err != nil {
		return nil, err
	}
	return t, nil
}

// ID is the thread's number, as gettid(2) gives it.
func (t *Thread) ID() int { return t.id }

// Go does a job on the thread, once those before are done, and tells how it went. A panic is an error.
func (t *Thread) Go(job func() error) <-chan error {
	done := make(chan error, 1)
	t.jobs <- func() {
		var err error
		defer func() { done <- err }()
		defer func() {
			if cause := recover(); cause != nil {
				fmt.Fprintf(os.Stderr, "crossbpf-agent: panic: %v\n%s", cause, debug.Stack())
				err = fmt.Errorf("panic: %v", cause)
			}
		}()
		err = job()
	}
	return done
}

// Do does a job on the thread and waits for it.
func (t *Thread) Do(job func() error) error { return <-t.Go(job) }

// interruption is a signal that Go has a handler for, which does nothing.
const interruption = unix.SIGIO

// Interrupt makes a system call that the thread is in return with EINTR, if it is one that a signal can interrupt.
func (t *Thread) Interrupt() { _ = unix.Tgkill(unix.Getpid(), t.id, interruption) }

// End ends the thread once its last job is done, and waits for that. There must be no more jobs.
func (t *Thread) End() {
	close(t.jobs)
	<-t.ended
}

// begin takes a thread that may end. The main thread may not: Go keeps it for ever, with all that was changed about it.
func (t *Thread) begin(name string, ready chan<- error) {
	runtime.LockOSThread()
	if unix.Gettid() != unix.Getpid() {
		t.work(name, ready)
		return
	}
	taken := make(chan error)
	go t.begin(name, taken)
	err := <-taken // while this waits, nothing else gets the main thread
	runtime.UnlockOSThread()
	ready <- err
}

// work never unlocks the thread, so that Go ends it instead of using it again.
func (t *Thread) work(name string, ready chan<- error) {
	defer close(t.ended)
	t.id = unix.Gettid()
	if err := rename(name); err != nil {
		ready <- err
		return
	}
	ready <- nil
	for job := range t.jobs {
		job()
	}
}

func rename(name string) error {
	text, err := unix.BytePtrFromString(name)
	if err != nil {
		return err
	}
	if err := unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(text)), 0, 0, 0); err != nil {
		return fmt.Errorf("name a thread: %w", err)
	}
	return nil
}

// Undisturbed does a job on the calling thread, which must be locked, with no signals but those that its own faults
// raise and the one that Interrupt sends: any other would interrupt a system call too.
func Undisturbed(job func()) error {
	var set, before unix.Sigset_t
	for i := range set.Val {
		set.Val[i] = ^set.Val[i]
	}
	wordBits := 8 * int(unsafe.Sizeof(set.Val[0]))
	for _, signal := range []unix.Signal{unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP, unix.SIGSYS,
		unix.SIGABRT, interruption} {
		bit := int(signal) - 1
		set.Val[bit/wordBits] &^= 1 << (bit % wordBits)
	}
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &set, &before); err != nil {
		return fmt.Errorf("block signals: %w", err)
	}
	job()
	if err := unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil); err != nil {
		return fmt.Errorf("unblock signals: %w", err)
	}
	return nil
}
