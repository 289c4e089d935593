package player

import (
	"fmt"
	"slices"

	"crossbpf/agent/network"
	"crossbpf/agent/protocol"
	"crossbpf/agent/thread"
)

// spare is a stage that has its network already.
type spare struct {
	stage   *thread.Thread
	network *network.Network
}

// Warm makes a stage with a network in advance, for the first scenario that needs one: it takes an emulated guest a tenth
// of a second. Where it cannot be had, the step that needs it will say so.
func (p *Player) Warm() {
	stage, err := thread.Start(threadName)
	if err != nil {
		return
	}
	ready := &spare{stage: stage}
	err = stage.Do(func() (err error) {
		ready.network, err = openNetwork()
		return err
	})
	if err != nil {
		stage.End()
		return
	}
	p.spare = ready
}

// openStage starts the scene's thread, which has a network where a step needs one.
func (s *scene) openStage() error {
	needsOne := slices.ContainsFunc(s.request.Steps, func(step protocol.Step) bool { return needsNetwork(step, s.spec) })
	if ready := s.player.spare; needsOne && ready != nil {
		s.player.spare = nil
		s.stage, s.props.network = ready.stage, ready.network
		return nil
	}
	stage, err := thread.Start(threadName)
	if err != nil {
		return err
	}
	s.stage = stage
	if needsOne {
		s.props.networkError = stage.Do(func() (err error) {
			s.props.network, err = openNetwork()
			return err
		})
	}
	return nil
}

func openNetwork() (*network.Network, error) {
	opened, err := network.Open()
	if err != nil {
		return nil, fmt.Errorf("make a network: %w", err)
	}
	return opened, nil
}
