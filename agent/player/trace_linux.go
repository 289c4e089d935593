package player

import (
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"crossbpf/agent/protocol"
)

// traceFolders are where tracefs may be mounted.
var traceFolders = []string{"/sys/kernel/tracing", "/sys/kernel/debug/tracing"}

// traceEvent stands between what the kernel says of a message's origin and the message.
const traceEvent = ": bpf_trace_printk: "

// trace reads what bpf_printk writes. The kernel has one buffer for all programs, and reading empties it.
type trace struct {
	fd int // -1 while it is not open
	// failure says why it could not be opened.
	failure error
	// rest is what was read of the buffer and not yet returned.
	rest string
}

// open starts with an empty buffer. What goes wrong is told by whoever reads.
func (t *trace) open() {
	if t.failure = t.tryOpen(); t.failure != nil {
		t.close()
	}
}

func (t *trace) tryOpen() error {
	err := error(unix.ENOENT)
	for _, folder := range traceFolders {
		if t.fd, err = unix.Open(folder+"/trace_pipe", unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0); err == nil {
			enablePrintk(folder)
			break
		}
	}
	if err != nil {
		t.fd = -1
		return fmt.Errorf("open the trace of the kernel: %w", err)
	}
	for {
		text, err := t.drain()
		if err != nil || text == "" {
			return err
		}
	}
}

// enablePrintk has the kernel write what programs print. It does so by itself when one that prints is loaded, but newer ones
// (7.0 does) leave it to a worker (set_printk_work in kernel/trace/bpf_trace.c), and what is printed before is lost.
func enablePrintk(folder string) {
	fd, err := unix.Open(folder+"/events/bpf_trace/bpf_trace_printk/enable", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return // a kernel without the event writes always
	}
	defer unix.Close(fd)
	_, _ = unix.Write(fd, []byte("1"))
}

func (t *trace) close() {
	if t.fd >= 0 {
		unix.Close(t.fd)
	}
	t.fd = -1
}

// read returns the messages since the last time, as lines, as far as there is room for whole ones.
func (t *trace) read(maxBytes int) (protocol.StepReply, error) {
	if t.failure != nil {
		return protocol.StepReply{}, t.failure
	}
	for len(t.rest) <= maxBytes {
		text, err := t.drain()
		if err != nil {
			return protocol.StepReply{}, fmt.Errorf("read the trace: %w", err)
		}
		if text == "" {
			break
		}
		t.rest += messages(text)
	}
	text := t.rest
	if len(text) > maxBytes {
		text = text[:maxBytes]
		if end := strings.LastIndexByte(text, '\n'); end >= 0 {
			text = text[:end+1]
		}
	}
	t.rest = t.rest[len(text):]
	truncated := t.rest != ""
	return protocol.StepReply{Text: &text, Truncated: &truncated}, nil
}

// drain reads a part of the buffer. The kernel gives whole lines.
func (t *trace) drain() (string, error) {
	buffer := make([]byte, 16<<10)
	for {
		size, err := unix.Read(t.fd, buffer)
		switch {
		case errors.Is(err, unix.EINTR):
			continue
		case errors.Is(err, unix.EAGAIN):
			return "", nil
		case err != nil:
			return "", err
		}
		return string(buffer[:size]), nil
	}
}

// messages leaves out of each line what stands before the message: the task, the processor, the time. A message may have
// lines of its own, but not one that the kernel wrote of itself.
func messages(text string) string {
	var kept strings.Builder
	for line := range strings.Lines(text) {
		if _, message, found := strings.Cut(line, traceEvent); found {
			line = message
		} else if strings.HasPrefix(line, "CPU:") && strings.Contains(line, "EVENTS]") {
			continue
		}
		if line = strings.TrimSuffix(line, "\n"); line != "" {
			kept.WriteString(line + "\n")
		}
	}
	return kept.String()
}
