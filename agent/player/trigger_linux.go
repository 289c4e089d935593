package player

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"crossbpf/agent/protocol"
)

// largestText bounds what is kept of a child's output and of a file, in bytes.
const largestText = 64 << 10

// trigger makes something happen, on the stage.
func (s *scene) trigger(event *protocol.Event, deadline time.Time) (protocol.StepReply, error) {
	if event == nil {
		return protocol.StepReply{}, errors.New("the step has no event")
	}
	switch event.What {
	case protocol.EventExec:
		return s.exec(event, deadline)
	case protocol.EventSignal:
		return s.signal(event, deadline)
	case protocol.EventOpen:
		return open(event)
	case protocol.EventUDP:
		return s.udp(event, deadline)
	case protocol.EventTCP:
		return protocol.StepReply{}, s.tcp(event, deadline)
	case protocol.EventSleep:
		pause(time.Duration(event.Milliseconds)*time.Millisecond, deadline)
		return protocol.StepReply{}, nil
	}
	return protocol.StepReply{}, fmt.Errorf("unknown event %q", event.What)
}

// pause waits, no longer than a step may.
func pause(duration time.Duration, deadline time.Time) {
	time.Sleep(min(duration, time.Until(deadline)+time.Millisecond))
}

// open opens a file and reads of it what is wanted. Without waiting, as it may be a pipe.
func open(event *protocol.Event) (protocol.StepReply, error) {
	fd, err := unix.Open(event.Path, unix.O_RDONLY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
	if err != nil {
		return protocol.StepReply{}, fmt.Errorf("open %s: %w", event.Path, err)
	}
	defer unix.Close(fd)
	if event.MaxBytes <= 0 {
		return protocol.StepReply{}, nil
	}
	buffer := make([]byte, min(event.MaxBytes, largestText))
	size, err := unix.Read(fd, buffer)
	if err != nil {
		return protocol.StepReply{}, fmt.Errorf("read %s: %w", event.Path, err)
	}
	text := string(buffer[:size])
	return protocol.StepReply{Text: &text}, nil
}
