// Package player carries out scenarios: it loads programs together, makes happen what they wait for, and reads their maps.
package player

import (
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"crossbpf/agent/kmsg"
	"crossbpf/agent/loader"
	"crossbpf/agent/names"
	"crossbpf/agent/object"
	"crossbpf/agent/protocol"
	"crossbpf/agent/session"
	"crossbpf/agent/thread"
)

// stuckPatience is how much longer than its deadline a step may take before the scenario goes on without its thread.
const stuckPatience = 2 * time.Second

// threadName is what programs see as the name of the thread that triggers.
const threadName = "crossbpf"

// Player carries out one scenario after the other.
type Player struct {
	loader *loader.Loader
	// children is held while a child of the player's own is not waited for yet.
	children  sync.Locker
	leftovers leftovers
	// spare is for the first scenario that needs a network; nil when it is taken.
	spare *spare
}

// New returns a player. Nothing else may wait for any child while the lock is held.
func New(l *loader.Loader, children sync.Locker) *Player {
	return &Player{loader: l, children: children}
}

// Abandon takes away what a scenario would leave on the machine, as the agent is about to end.
func (p *Player) Abandon() { p.leftovers.clear() }

// Play carries out a scenario. Its error is one of the request; what fails on this machine is part of the answers.
func (p *Player) Play(request protocol.PlayRequest, attachment []byte, audience session.Audience) (protocol.PlayedReply, error) {
	file, err := object.ParseFor(names.Linux, attachment[:request.ObjectBytes])
	if err != nil {
		return protocol.PlayedReply{}, protocol.Errorf(protocol.BadObject, "%v", err)
	}
	if err := file.SetTypes(request.Types); err != nil {
		return protocol.PlayedReply{}, protocol.Errorf(protocol.BadRequest, "%v", err)
	}
	log := kmsg.Open()
	defer log.Close()
	s := newScene(p, request, file)
	failure, err := s.open(attachment[request.ObjectBytes:])
	if err == nil && failure == nil {
		err = s.perform(audience)
	}
	s.close()
	reply := protocol.PlayedReply{KernelLog: log.Warnings()}
	if failure != nil {
		reply.Failure, reply.Errno = object.OneLine(failure.Error()), loader.ErrnoName(failure)
	}
	return reply, err
}

// scene is one scenario on its way. Its thread does all that depends on namespaces or a cgroup; but for its deadline,
// nothing happens at the same time.
type scene struct {
	player  *Player
	request protocol.PlayRequest
	file    *object.File
	spec    *ebpf.CollectionSpec // of the file
	timeout time.Duration

	stage      *thread.Thread
	collection *ebpf.Collection
	props      props
	// attached are the attachments by name, in the order in which they were made.
	attached []attachment
	readers  map[string]*recordReader
	// stuck says which step does not come to its end; empty for none.
	stuck string
}

func newScene(p *Player, request protocol.PlayRequest, file *object.File) *scene {
	return &scene{
		player:  p,
		request: request,
		file:    file,
		spec:    file.Spec,
		timeout: time.Duration(request.StepTimeoutMs) * time.Millisecond,
		props:   props{port: firstPort, trace: trace{fd: -1}},
		readers: make(map[string]*recordReader),
	}
}

// open loads the programs and prepares what must be there before the first step. The failure is what stands against it
// on this machine.
func (s *scene) open(files []byte) (failure, err error) {
	s.collection, err = s.player.loader.LoadTogether(s.file, loader.Selection{
		Programs:  s.request.Programs,
		Maps:      mapsOf(s.request, s.spec),
		Variables: s.request.Variables,
	})
	if bad := (*protocol.Error)(nil); errors.As(err, &bad) {
		return nil, err
	}
	if err != nil {
		return fmt.Errorf("load the programs together: %w", err), nil
	}
	if err := s.openStage(); err != nil {
		return fmt.Errorf("start a thread: %w", err), nil
	}
	if err := s.props.prepare(s, files); err != nil {
		return err, nil
	}
	if err := s.openReaders(); err != nil {
		return err, nil
	}
	err = s.stage.Do(func() error {
		s.props.enterCgroup(s)
		return nil
	})
	return nil, err
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
			reply.OK, reply.Errno, reply.Message = false, loader.ErrnoName(err), object.OneLine(err.Error())
		}
		reply.Entries = entries
		if err := audience.Dump(reply); err != nil {
			return err
		}
	}
	return nil
}

// step carries out one step on the stage, within its time.
func (s *scene) step(index int, step protocol.Step) protocol.StepReply {
	if s.stuck != "" {
		return failed(protocol.StepReply{}, errors.New("not carried out, as "+s.stuck))
	}
	var reply protocol.StepReply
	start := time.Now()
	deadline := start.Add(s.timeout)
	done := s.stage.Go(func() (err error) {
		reply, err = s.carryOut(step, deadline)
		return err
	})
	interrupt := time.AfterFunc(s.timeout, s.stage.Interrupt)
	defer interrupt.Stop()
	select {
	case err := <-done:
		if took := time.Since(start); took > s.timeout && (err == nil || errors.Is(err, unix.EINTR)) {
			err = tooLong(took, s.timeout)
		}
		return failed(reply, err)
	case <-time.After(s.timeout + stuckPatience):
		s.stuck = fmt.Sprintf("step %d (%s) has not come to its end", index+1, step.Kind)
		return failed(protocol.StepReply{}, fmt.Errorf("did not end in %s, and cannot be stopped", s.timeout+stuckPatience))
	}
}

func tooLong(took, timeout time.Duration) error {
	return fmt.Errorf("took %s, longer than the %s that a step may take", took.Round(time.Millisecond), timeout)
}

// failed completes a reply with how the step went; the error is nil for one that went well.
func failed(reply protocol.StepReply, err error) protocol.StepReply {
	reply.OK = err == nil
	if err != nil {
		reply.Errno, reply.Message = loader.ErrnoName(err), object.OneLine(err.Error())
	}
	return reply
}

// close undoes all that the scenario did. What hangs on a thread that does not come back stays.
func (s *scene) close() {
	if s.stage != nil && s.stuck == "" {
		_ = s.stage.Do(func() error {
			s.detachAll()
			s.props.leave()
			return nil
		})
		s.stage.End()
		s.player.leftovers.clear()
	}
	s.props.trace.close()
	for _, reader := range s.readers {
		reader.Close()
	}
	if s.collection != nil {
		s.collection.Close()
	}
}
