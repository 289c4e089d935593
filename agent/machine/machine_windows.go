package machine

import (
	"crossbpf/agent/efw"
	"crossbpf/agent/protocol"
)

type state struct{}

// apply sets nothing: clock, random numbers and the JIT belong to the whole host.
func (m *Machine) apply(request protocol.HelloRequest) []string {
	warnings := m.loader.Warnings()
	if request.JIT != nil {
		warnings = append(warnings, "the JIT belongs to the whole host, and was left as it is")
	}
	return warnings
}

func (m *Machine) jitEnabled() bool { return m.loader.HasJIT() }

func kernelFacts() protocol.KernelFacts { return efw.System() }

func raiseLimits() []string { return nil }
