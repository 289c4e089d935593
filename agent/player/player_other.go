//go:build !linux && !windows

// Package player carries out scenarios, which it cannot do yet on this platform.
package player

import (
	"runtime"
	"sync"

	"crossbpf/agent/loader"
	"crossbpf/agent/protocol"
	"crossbpf/agent/session"
)

// Player carries out scenarios.
type Player struct{}

// New returns a player.
func New(*loader.Loader, sync.Locker) *Player { return &Player{} }

// Play fails.
func (p *Player) Play(protocol.PlayRequest, []byte, session.Audience) (protocol.PlayedReply, error) {
	return protocol.PlayedReply{}, protocol.Errorf(protocol.Internal, "not supported yet on %s", runtime.GOOS)
}

// Abandon does nothing, as nothing is made.
func (p *Player) Abandon() {}
