package thread

import (
	"errors"
	"fmt"
	"os"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func start(t *testing.T) *Thread {
	t.Helper()
	thread, err := Start("crossbpf")
	if err != nil {
		t.Fatal(err)
	}
	return thread
}

func TestJobsShareAThreadOfTheirOwn(t *testing.T) {
	thread := start(t)
	defer thread.End()
	for range 3 {
		err := thread.Do(func() error {
			if unix.Gettid() != thread.ID() || thread.ID() == unix.Getpid() {
				return fmt.Errorf("thread %d", unix.Gettid())
			}
			return nil
		})
		if err != nil {
			t.Error(err)
		}
	}
}

func TestItsName(t *testing.T) {
	thread := start(t)
	defer thread.End()
	name, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/comm", thread.ID()))
	if err != nil || strings.TrimSpace(string(name)) != "crossbpf" {
		t.Errorf("%q, %v", name, err)
	}
}

func TestAPanicIsAnError(t *testing.T) {
	thread := start(t)
	defer thread.End()
	stderr := os.Stderr
	os.Stderr, _ = os.Open(os.DevNull)
	err := thread.Do(func() error { panic("a bug") })
	os.Stderr = stderr
	if err == nil || err.Error() != "panic: a bug" {
		t.Error(err)
	}
	if err := thread.Do(func() error { return nil }); err != nil {
		t.Error(err)
	}
}

func TestASystemCallIsInterrupted(t *testing.T) {
	thread := start(t)
	defer thread.End()
	entered := make(chan struct{})
	done := thread.Go(func() error {
		var err error
		masked := Undisturbed(func() {
			close(entered)
			_, err = unix.Poll(nil, 60_000)
		})
		return errors.Join(masked, err)
	})
	<-entered
	for {
		thread.Interrupt() // may come before the call
		select {
		case err := <-done:
			if !errors.Is(err, unix.EINTR) {
				t.Error(err)
			}
			return
		default:
		}
	}
}

func TestOtherSignalsInterruptNothing(t *testing.T) {
	thread := start(t)
	defer thread.End()
	err := thread.Do(func() error {
		var err error
		masked := Undisturbed(func() {
			_ = unix.Tgkill(unix.Getpid(), thread.ID(), unix.SIGURG)
			_, err = unix.Poll(nil, 1)
		})
		return errors.Join(masked, err)
	})
	if err != nil {
		t.Error(err)
	}
}

func TestTheEndOfAThread(t *testing.T) {
	thread := start(t)
	task := fmt.Sprintf("/proc/self/task/%d", thread.ID())
	thread.End()
	for {
		if _, err := os.Stat(task); errors.Is(err, os.ErrNotExist) {
			return
		}
	}
}
