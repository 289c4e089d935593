//go:build !linux && !windows

package machine

import "crossbpf/agent/protocol"

func (m *Machine) apply(protocol.HelloRequest) []string { return nil }

func (m *Machine) jitEnabled() bool { return false }

type state struct{}

func kernelFacts() protocol.KernelFacts { return protocol.KernelFacts{} }

func raiseLimits() []string { return nil }
