// Package session answers the harness's requests on one connection.
package session

import (
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"

	"crossbpf/agent/protocol"
)

// Machine is what a session acts on: the guest that the agent is PID 1 of, or the host that it runs on.
type Machine interface {
	// Hello sets what a restored guest cannot know, and describes the machine.
	Hello(request protocol.HelloRequest) (protocol.HelloReply, error)
	// Load loads each program of an object by itself and calls answer as soon as one is known.
	Load(request protocol.LoadRequest, object []byte, answer Answer) (protocol.LoadedReply, error)
	// LoadPrepared loads programs as an earlier load of them was prepared, on a machine of the same snapshot.
	LoadPrepared(request protocol.LoadRequest, prepared []byte, answer Answer) (protocol.LoadedReply, error)
	// Play loads programs of an object together and carries out a scenario's steps. The attachment is what PlayRequest
	// says of it.
	Play(request protocol.PlayRequest, attachment []byte, audience Audience) (protocol.PlayedReply, error)
	// Features finds out what the kernel has of BPF.
	Features(request protocol.FeaturesRequest) (protocol.FeaturesReply, error)
}

// Answer takes what became of one program, with its log. An error means that nobody listens any more.
type Answer func(reply protocol.ProgramReply, log []byte) error

// Audience takes what becomes of a scenario, as soon as it is known. An error means that nobody listens any more.
type Audience interface {
	Step(reply protocol.StepReply) error
	Dump(reply protocol.DumpReply) error
}

// Outcome is how a session came to its end.
type Outcome int

const (
	// Disconnected means that the other end closed the connection.
	Disconnected Outcome = iota
	// Bye means that the harness asked the agent to end.
	Bye
)

// ConnectionError wraps an error of the connection itself, as opposed to one of a request.
type ConnectionError struct{ Err error }

func (e *ConnectionError) Error() string { return "connection: " + e.Err.Error() }
func (e *ConnectionError) Unwrap() error { return e.Err }

// Serve answers requests until the connection ends or the harness says bye. The error is a
// *protocol.BrokenStreamError where the stream holds anything but frames, else a *ConnectionError.
func Serve(connection io.ReadWriter, machine Machine) (Outcome, error) {
	s := &session{connection: connection, machine: machine}
	for {
		frame, err := protocol.ReadFrame(connection)
		if errors.Is(err, io.EOF) {
			return Disconnected, nil
		}
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return Disconnected, &ConnectionError{errors.New("it ended in the middle of a frame")}
		}
		if err != nil {
			return Disconnected, err
		}
		bye, err := s.answer(frame)
		if err != nil {
			return Disconnected, err
		}
		if bye {
			return Bye, nil
		}
	}
}

type session struct {
	connection io.ReadWriter
	machine    Machine
	greeted    bool
	// seal is that of the last greeting.
	seal protocol.Seal
}

// answer carries out one request; its error is one of the connection.
func (s *session) answer(frame protocol.Frame) (bye bool, err error) {
	request, err := protocol.Decode[protocol.Request](frame.Message)
	if request.Type == "hello" || !s.greeted {
		s.seal = frame.Seal
	} else if frame.Seal != s.seal {
		return false, protocol.ErrSeal
	}
	if err != nil {
		return false, s.sendError(0, err)
	}
	if !s.greeted && request.Type != "hello" {
		return false, s.sendError(request.ID, protocol.Errorf(protocol.Protocol, "the first request must be hello, not %q", request.Type))
	}
	switch request.Type {
	case "hello":
		err = s.hello(request.ID, frame)
	case "load":
		err = s.load(request.ID, frame, s.machine.Load)
	case "load-prepared":
		err = s.load(request.ID, frame, s.machine.LoadPrepared)
	case "play":
		err = s.play(request.ID, frame)
	case "features":
		err = s.features(request.ID, frame)
	case "bye":
		return true, s.send(protocol.ByeReply{Type: "bye", ID: request.ID}, nil)
	default:
		err = protocol.Errorf(protocol.BadRequest, "unknown request %q", request.Type)
	}
	if broken := (*ConnectionError)(nil); err == nil || errors.As(err, &broken) {
		return false, err
	}
	return false, s.sendError(request.ID, err)
}

func (s *session) hello(id uint64, frame protocol.Frame) (err error) {
	defer recovered(&err)
	request, err := protocol.Decode[protocol.HelloRequest](frame.Message)
	if err != nil {
		return err
	}
	if request.Protocol != protocol.Version {
		return protocol.Errorf(protocol.Protocol, "the agent speaks version %d of the protocol, not %d", protocol.Version, request.Protocol)
	}
	reply, err := s.machine.Hello(request)
	if err != nil {
		return err
	}
	reply.Type, reply.ID, reply.Protocol = "hello", id, protocol.Version
	if reply.Warnings == nil {
		reply.Warnings = []string{}
	}
	s.greeted = true
	return s.send(reply, nil)
}

// loading loads programs of what is attached to a request.
type loading func(request protocol.LoadRequest, attached []byte, answer Answer) (protocol.LoadedReply, error)

func (s *session) load(id uint64, frame protocol.Frame, carryOut loading) (err error) {
	defer recovered(&err)
	request, err := protocol.Decode[protocol.LoadRequest](frame.Message)
	if err != nil {
		return err
	}
	if request.LogHead < 0 || request.LogTail < 0 {
		return protocol.Errorf(protocol.BadRequest, "logHead and logTail must not be negative")
	}
	loaded, err := carryOut(request, frame.Attachment, func(reply protocol.ProgramReply, log []byte) error {
		reply.Type, reply.ID = "program", id
		if reply.StackDepths == nil {
			reply.StackDepths = []uint64{}
		}
		return s.send(reply, log)
	})
	if err != nil {
		return err
	}
	loaded.Type, loaded.ID = "loaded", id
	if loaded.KernelLog == nil {
		loaded.KernelLog = []string{}
	}
	return s.send(loaded, loaded.Prepared)
}

func (s *session) send(message any, attachment []byte) error {
	if err := (protocol.FrameWriter{Writer: s.connection, Seal: s.seal}).WriteFrame(message, attachment); err != nil {
		return &ConnectionError{err}
	}
	return nil
}

func (s *session) sendError(id uint64, err error) error {
	reply := protocol.ErrorReply{Type: "error", ID: id, Code: protocol.Internal, Message: err.Error()}
	if coded := (*protocol.Error)(nil); errors.As(err, &coded) {
		reply.Code, reply.Message, reply.Hint = coded.Code, coded.Message, coded.Hint
	}
	return s.send(reply, nil)
}

// recovered turns a panic of a request into its error: PID 1 must outlive a bug in one request.
func recovered(err *error) {
	if cause := recover(); cause != nil {
		fmt.Fprintf(os.Stderr, "crossbpf-agent: panic: %v\n%s", cause, debug.Stack())
		*err = fmt.Errorf("panic: %v", cause)
	}
}
