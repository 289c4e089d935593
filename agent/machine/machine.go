// Package machine describes and sets up the machine that the agent runs on, and answers a session's requests for it.
package machine

import (
	"runtime"
	"sync"

	"crossbpf/agent/loader"
	"crossbpf/agent/player"
	"crossbpf/agent/protocol"
	"crossbpf/agent/session"
)

// Version is the agent's own.
const Version = "0.1.0"

// Machine is the machine that the agent runs on.
type Machine struct {
	loader *loader.Loader
	player *player.Player
	// guest tells that the agent is PID 1 of a guest, and may change what belongs to the whole machine.
	guest bool
	// warnings are what could not be set up before the first request.
	warnings []string
	kernel   protocol.KernelFacts
	state    state
}

var _ session.Machine = (*Machine)(nil)

// Host returns the machine of an agent that is a process among others.
func Host() *Machine { return newMachine(false, &sync.Mutex{}, nil) }

// Guest returns the machine of an agent that is PID 1, with warnings of how its start went. It holds the lock while it
// has children that it waits for itself.
func Guest(children sync.Locker, warnings []string) *Machine {
	return newMachine(true, children, warnings)
}

func newMachine(guest bool, children sync.Locker, warnings []string) *Machine {
	warnings = append(warnings, raiseLimits()...)
	l, warning := loader.New()
	if warning != "" {
		warnings = append(warnings, warning)
	}
	return &Machine{loader: l, player: player.New(l, children), guest: guest, warnings: warnings, kernel: kernelFacts()}
}

// Hello sets what the request asks for, as far as this machine permits, and describes the machine.
func (m *Machine) Hello(request protocol.HelloRequest) (protocol.HelloReply, error) {
	if !m.guest {
		if err := m.loader.Ready(); err != nil {
			return protocol.HelloReply{}, err
		}
	}
	warnings := append([]string{}, m.warnings...)
	warnings = append(warnings, m.apply(request)...)
	return protocol.HelloReply{
		Agent:    protocol.AgentFacts{Version: Version, OS: runtime.GOOS, Arch: runtime.GOARCH},
		Kernel:   m.kernel,
		Runtime:  m.loader.Runtime(),
		BTF:      m.loader.HasBTF(),
		JIT:      m.jitEnabled(),
		Warnings: warnings,
	}, nil
}

// Load loads the programs of an object.
func (m *Machine) Load(request protocol.LoadRequest, object []byte, answer session.Answer) (protocol.LoadedReply, error) {
	return m.loader.Load(request, object, answer)
}

// LoadPrepared loads programs as an earlier load of them was prepared.
func (m *Machine) LoadPrepared(request protocol.LoadRequest, prepared []byte, answer session.Answer) (protocol.LoadedReply, error) {
	return m.loader.LoadPrepared(request, prepared, answer)
}

// Play carries out a scenario.
func (m *Machine) Play(request protocol.PlayRequest, attachment []byte, audience session.Audience) (protocol.PlayedReply, error) {
	return m.player.Play(request, attachment, audience)
}

// Abandon takes away what a request would leave on the machine, as the agent is about to end in the middle of it.
func (m *Machine) Abandon() { m.player.Abandon() }
