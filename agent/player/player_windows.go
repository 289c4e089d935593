// Package player carries out scenarios: it loads programs together, runs or attaches them, makes happen what they wait
// for, and reads their maps.
package player

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cilium/ebpf"

	"crossbpf/agent/efw"
	"crossbpf/agent/loader"
	"crossbpf/agent/names"
	"crossbpf/agent/object"
	"crossbpf/agent/protocol"
	"crossbpf/agent/session"
)

// Player carries out one scenario after the other.
type Player struct{ loader *loader.Loader }

// New returns a player.
func New(l *loader.Loader, _ sync.Locker) *Player { return &Player{loader: l} }

// Play carries out a scenario. Its error is one of the request; what fails on this machine is part of the answers.
func (p *Player) Play(request protocol.PlayRequest, attachment []byte, audience session.Audience) (protocol.PlayedReply, error) {
	library, err := p.loader.Library()
	if err != nil {
		return protocol.PlayedReply{}, err
	}
	data := attachment[:request.ObjectBytes]
	file, err := object.ParseFor(names.Windows, data)
	if err != nil {
		return protocol.PlayedReply{}, protocol.Errorf(protocol.BadObject, "%v", err)
	}
	s := &scene{
		library: library,
		request: request,
		spec:    file.Spec,
		timeout: time.Duration(request.StepTimeoutMs) * time.Millisecond,
		readers: make(map[string]*recordReader),
	}
	defer s.close()
	s.collection, err = p.loader.LoadTogether(file, data, loader.Selection{
		Programs: request.Programs, Maps: mapsOf(request, file.Spec), Variables: request.Variables,
	})
	if bad := (*protocol.Error)(nil); errors.As(err, &bad) {
		return protocol.PlayedReply{}, err
	}
	if err == nil {
		err = s.openReaders()
	}
	if err != nil {
		failure := "load the programs together: " + object.OneLine(efw.Words(err))
		return protocol.PlayedReply{Failure: failure, Errno: loader.ErrnoName(err)}, nil
	}
	return protocol.PlayedReply{}, s.perform(audience)
}

// scene is one scenario on its way.
type scene struct {
	library    *efw.Library
	request    protocol.PlayRequest
	spec       *ebpf.CollectionSpec
	timeout    time.Duration
	collection *ebpf.Collection
	// attached are the attachments by name, in the order in which they were made.
	attached []attachment
	// absent are the attachments that this platform has nothing like.
	absent  []string
	readers map[string]*recordReader
	// stuck says which step does not come to its end; empty for none.
	stuck string
}

// perform carries out the steps, then reads the maps.
func (s *scene) perform(audience session.Audience) error {
	for i, step := range s.request.Steps {
		reply := s.step(i, step)
		reply.Index = i
		if err := audience.Step(reply); err != nil {
			return err
		}
	}
	for _, name := range s.request.Dumps {
		reply := protocol.DumpReply{Map: name, OK: true}
		entries, err := s.dump(name, time.Now().Add(s.timeout))
		if err != nil {
			reply.OK, reply.Errno, reply.Message = false, loader.ErrnoName(err), object.OneLine(efw.Words(err))
		}
		reply.Entries = entries
		if err := audience.Dump(reply); err != nil {
			return err
		}
	}
	return nil
}

// step carries out one step within its time. What does not end then cannot be stopped.
func (s *scene) step(index int, step protocol.Step) protocol.StepReply {
	if s.stuck != "" {
		return failed(protocol.StepReply{}, errors.New("not carried out, as "+s.stuck))
	}
	type outcome struct {
		reply protocol.StepReply
		err   error
	}
	done := make(chan outcome, 1)
	deadline := time.Now().Add(s.timeout)
	go func() {
		reply, err := s.carryOut(step, deadline)
		done <- outcome{reply, err}
	}()
	select {
	case ended := <-done:
		return failed(ended.reply, ended.err)
	case <-time.After(s.timeout):
		s.stuck = fmt.Sprintf("step %d (%s) has not come to its end", index+1, step.Kind)
		return failed(protocol.StepReply{}, fmt.Errorf("did not end in %s, and cannot be stopped", s.timeout))
	}
}

// absentHere is a step that this platform has nothing like.
type absentHere struct{ error }

// failed completes a reply with how the step went; the error is nil for one that went well.
func failed(reply protocol.StepReply, err error) protocol.StepReply {
	reply.OK = err == nil
	if err != nil {
		reply.Errno, reply.Message = loader.ErrnoName(err), object.OneLine(efw.Words(err))
		reply.Unsupported = errors.As(err, &absentHere{})
	}
	return reply
}

// close undoes all that the scenario did. What a stuck step holds stays.
func (s *scene) close() {
	if s.stuck != "" {
		return
	}
	s.detachAll()
	for _, reader := range s.readers {
		reader.Close()
	}
	if s.collection != nil {
		s.collection.Close()
	}
}

// Abandon has nothing to take away: what a scenario loads and attaches ends with the process.
func (p *Player) Abandon() {}
