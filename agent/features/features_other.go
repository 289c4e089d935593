//go:build !linux

package features

import "crossbpf/agent/protocol"

// Probe knows no other platform than Linux yet.
func Probe(protocol.FeaturesRequest) (protocol.FeaturesReply, error) {
	return protocol.FeaturesReply{}, protocol.Errorf(protocol.Internal, "features are only probed on Linux")
}
