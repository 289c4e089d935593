package guest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/unix"
)

// portName is the name that the harness gives to the virtio-serial port.
const portName = "crossbpf.agent"

// findPort waits until the kernel has found the port, and returns its device.
func findPort(patience time.Duration) (string, error) {
	const first, longest = time.Millisecond, 20 * time.Millisecond
	deadline := time.Now().Add(patience)
	for pause := first; ; pause = min(2*pause, longest) {
		paths, err := filepath.Glob("/sys/class/virtio-ports/*/name")
		if err != nil {
			return "", err
		}
		for _, path := range paths {
			if name, err := os.ReadFile(path); err == nil && strings.TrimSpace(string(name)) == portName {
				return filepath.Join("/dev", filepath.Base(filepath.Dir(path))), nil
			}
		}
		if time.Now().After(deadline) {
			return "", fmt.Errorf("no virtio-serial port is named %q after %s (ports found: %d)", portName, patience, len(paths))
		}
		time.Sleep(pause)
	}
}

// port is the virtio-serial port, whose other end the host may close and open again at any time, also across a
// snapshot. While it is closed a read gives 0 bytes at once and poll says POLLHUP at once, so neither can be waited
// with. What can is an edge: the driver wakes up whoever waits for the port when its other end is opened
// (handle_control_message in drivers/char/virtio_console.c), and Go's poller waits for edges.
//
// Reads and writes wait in poll(2) by themselves, which takes less code than Go's poller, all of which a restored guest
// has to translate.
type port struct {
	file *os.File
	raw  syscall.RawConn
	fd   int
}

func openPort(path string) (*port, error) {
	file, err := os.OpenFile(path, os.O_RDWR|unix.O_NONBLOCK, 0)
	if err != nil {
		return nil, err
	}
	raw, err := file.SyscallConn()
	if err != nil {
		return nil, err
	}
	p := &port{file: file, raw: raw}
	return p, raw.Control(func(fd uintptr) { p.fd = int(fd) })
}

// WaitForHost waits until the host has opened its end and sent something.
func (p *port) WaitForHost() error {
	return p.raw.Read(func(fd uintptr) bool {
		return ready(fd, unix.POLLIN)&(unix.POLLIN|unix.POLLHUP) == unix.POLLIN
	})
}

// Read reads what the host has sent. It gives io.EOF when the host has closed its end.
func (p *port) Read(buffer []byte) (count int, err error) {
	if len(buffer) == 0 {
		return 0, nil
	}
	for {
		count, err = p.call(unix.SYS_READ, buffer)
		if !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
			break
		}
		waitFor(p.fd, unix.POLLIN)
	}
	switch {
	case err != nil:
		return 0, fmt.Errorf("read the port: %w", err)
	case count == 0:
		return 0, io.EOF
	}
	return count, nil
}

// Write sends all of the buffer. It gives io.ErrClosedPipe when the host has closed its end: what is left then must
// not reach the next one that opens it.
func (p *port) Write(buffer []byte) (sent int, err error) {
	for sent < len(buffer) && err == nil {
		var count int
		count, err = p.call(unix.SYS_WRITE, buffer[sent:])
		sent += max(0, count)
		if !errors.Is(err, unix.EAGAIN) && !errors.Is(err, unix.EINTR) {
			continue
		}
		err = nil
		if waitFor(p.fd, unix.POLLOUT)&unix.POLLHUP != 0 {
			err = io.ErrClosedPipe
		}
	}
	return sent, err
}

// call reads or writes as much as can be at once. As that never waits, Go's scheduler need not know.
func (p *port) call(number uintptr, buffer []byte) (count int, err error) {
	done, _, errno := unix.RawSyscall(number, uintptr(p.fd), uintptr(unsafe.Pointer(unsafe.SliceData(buffer))), uintptr(len(buffer)))
	if errno != 0 {
		return 0, errno
	}
	return int(done), nil
}

// ready asks for the port's state without waiting.
func ready(fd uintptr, events int16) int16 { return poll(int(fd), events, 0) }

// waitFor waits until the port is ready or its other end is closed.
func waitFor(fd int, events int16) int16 { return poll(fd, events, -1) }

func poll(fd int, events int16, milliseconds int) int16 {
	polled := []unix.PollFd{{Fd: int32(fd), Events: events}}
	if _, err := unix.Poll(polled, milliseconds); err != nil {
		return 0
	}
	return polled[0].Revents
}
