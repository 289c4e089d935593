package session

import "crossbpf/agent/protocol"

func (s *session) features(id uint64, frame protocol.Frame) (err error) {
	defer recovered(&err)
	request, err := protocol.Decode[protocol.FeaturesRequest](frame.Message)
	if err != nil {
		return err
	}
	reply, err := s.machine.Features(request)
	if err != nil {
		return err
	}
	reply.Type, reply.ID = "features", id
	return s.send(reply, nil)
}
