package kmsg

import (
	"errors"

	"golang.org/x/sys/unix"
)

// Reader reads what the kernel logs from the time that it was opened.
type Reader struct{ fd int }

// Open starts to listen. Where /dev/kmsg cannot be read the reader stays silent.
func Open() *Reader {
	fd, err := unix.Open("/dev/kmsg", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return &Reader{fd: -1}
	}
	reader := &Reader{fd: fd}
	reader.Skip()
	return reader
}

// Skip leaves out what was logged so far.
func (r *Reader) Skip() {
	if r.fd < 0 {
		return
	}
	if _, err := unix.Seek(r.fd, 0, unix.SEEK_END); err != nil {
		r.Close()
	}
}

// Warnings returns the lines at level warning or worse that were logged so far, with the traces that follow them.
func (r *Reader) Warnings() []string {
	if r.fd < 0 {
		return nil
	}
	var found collector
	buffer := make([]byte, 8<<10)
	for {
		n, err := unix.Read(r.fd, buffer)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EPIPE):
			found.append("(the kernel's log overran: lines are missing here)")
			continue
		case err != nil || n == 0:
			return found.result()
		}
		if entry, ok := parseRecord(string(buffer[:n])); ok {
			found.add(entry)
		}
	}
}

// Close ends listening.
func (r *Reader) Close() {
	if r.fd >= 0 {
		unix.Close(r.fd)
		r.fd = -1
	}
}
