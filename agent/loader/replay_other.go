//go:build !linux

package loader

import (
	"crossbpf/agent/protocol"
	"crossbpf/agent/session"
)

// LoadPrepared fails: nothing is prepared on this platform.
func (l *Loader) LoadPrepared(protocol.LoadRequest, []byte, session.Answer) (protocol.LoadedReply, error) {
	return protocol.LoadedReply{}, protocol.Errorf(protocol.Stale, "loads are not prepared on this platform")
}
