package machine

import (
	"crossbpf/agent/features"
	"crossbpf/agent/protocol"
)

// Features finds out what the kernel has of BPF.
func (m *Machine) Features(request protocol.FeaturesRequest) (protocol.FeaturesReply, error) {
	return features.Probe(request)
}
