//go:build !linux && !windows

package loader

import (
	"runtime"

	"crossbpf/agent/protocol"
	"crossbpf/agent/session"
)

// Loader loads programs, which it cannot do yet on this platform.
type Loader struct{}

// New returns a loader.
func New() (*Loader, string) { return &Loader{}, "" }

// HasBTF tells whether the kernel has types.
func (l *Loader) HasBTF() bool { return false }

// Ready has nothing to say yet.
func (l *Loader) Ready() error { return nil }

// Runtime is not known.
func (l *Loader) Runtime() *protocol.RuntimeFacts { return nil }

// Load fails.
func (l *Loader) Load(protocol.LoadRequest, []byte, session.Answer) (protocol.LoadedReply, error) {
	return protocol.LoadedReply{}, protocol.Errorf(protocol.Internal, "not supported yet on %s", runtime.GOOS)
}
