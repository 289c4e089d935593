//go:build !linux

package kmsg

// Reader stays silent on this platform.
type Reader struct{}

// Open starts to listen.
func Open() *Reader { return &Reader{} }

// Skip does nothing.
func (r *Reader) Skip() {}

// Warnings returns nothing.
func (r *Reader) Warnings() []string { return nil }

// Close ends listening.
func (r *Reader) Close() {}
