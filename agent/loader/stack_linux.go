package loader

import "golang.org/x/sys/unix"

// stackBytes is more than the deepest calls of a load take.
const stackBytes = 48 << 10

// GrowStack makes the stack of the goroutine that calls it large.
//
//go:noinline
func GrowStack() byte {
	var frame [stackBytes]byte
	return frame[unix.Getpid()%stackBytes]
}

// GrowStacks does so for the goroutine that loads programs.
func (l *Loader) GrowStacks() {
	if l.gate != nil {
		l.gate.run(func(*loadCall) (int, unix.Errno) { return -1, unix.EINVAL }, func() { GrowStack() })
	}
}
