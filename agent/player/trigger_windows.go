package player

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"time"

	"crossbpf/agent/protocol"
)

const (
	// largestText bounds what is kept of a file, in bytes.
	largestText = 64 << 10
	// arrival is how long a datagram over the loopback may take.
	arrival = 500 * time.Millisecond
)

// trigger makes something happen. There is no network of the scenario's own, so that what goes over the loopback meets
// whatever else is attached on this machine.
func trigger(event *protocol.Event, deadline time.Time) (protocol.StepReply, error) {
	if event == nil {
		return protocol.StepReply{}, errors.New("the step has no event")
	}
	switch {
	case event.What == protocol.EventOpen:
		return open(event)
	case event.What == protocol.EventSleep:
		time.Sleep(min(time.Duration(event.Milliseconds)*time.Millisecond, time.Until(deadline)))
		return protocol.StepReply{}, nil
	case event.What == protocol.EventUDP && event.Via == "lo":
		return udp(event, deadline)
	case event.What == protocol.EventTCP && event.Via == "lo":
		return protocol.StepReply{}, tcp(event, deadline)
	case event.What == protocol.EventUDP || event.What == protocol.EventTCP:
		return protocol.StepReply{}, absent("the scenario has no network of its own on Windows, only the loopback")
	}
	return protocol.StepReply{}, absent("a trigger of kind %s is not there on Windows", event.What)
}

// open opens a file and reads of it what is wanted.
func open(event *protocol.Event) (protocol.StepReply, error) {
	file, err := os.Open(event.Path)
	if err != nil {
		return protocol.StepReply{}, err
	}
	defer file.Close()
	if event.MaxBytes <= 0 {
		return protocol.StepReply{}, nil
	}
	content, err := io.ReadAll(io.LimitReader(file, int64(min(event.MaxBytes, largestText))))
	text := string(content)
	return protocol.StepReply{Text: &text}, err
}

// udp sends datagrams to a socket of this process. Those that do not arrive are no failure.
func udp(event *protocol.Event, deadline time.Time) (protocol.StepReply, error) {
	receiver, err := net.ListenUDP("udp4", &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(event.Port)})
	if err != nil {
		return protocol.StepReply{}, err
	}
	defer receiver.Close()
	sender, err := net.DialUDP("udp4", nil, receiver.LocalAddr().(*net.UDPAddr))
	if err != nil {
		return protocol.StepReply{}, err
	}
	defer sender.Close()
	received := 0
	buffer := make([]byte, len(event.Payload)+1)
	for range event.Count {
		if _, err := sender.Write(event.Payload); err != nil {
			return protocol.StepReply{Received: &received}, fmt.Errorf("send: %w", err)
		}
		if err := receiver.SetReadDeadline(earlier(deadline, time.Now().Add(arrival))); err != nil {
			return protocol.StepReply{}, err
		}
		if _, _, err := receiver.ReadFromUDP(buffer); err == nil {
			received++
		}
	}
	return protocol.StepReply{Received: &received}, nil
}

// tcp connects to a socket of this process, sends, receives the same bytes again, and closes.
func tcp(event *protocol.Event, deadline time.Time) error {
	listener, err := net.ListenTCP("tcp4", &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: int(event.Port)})
	if err != nil {
		return err
	}
	defer listener.Close()
	if err := listener.SetDeadline(deadline); err != nil {
		return err
	}
	go func() {
		if server, err := listener.Accept(); err == nil {
			defer server.Close()
			_, _ = io.CopyN(server, server, int64(len(event.Payload)))
		}
	}()
	client, err := net.DialTimeout("tcp4", listener.Addr().String(), time.Until(deadline))
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.SetDeadline(deadline); err != nil {
		return err
	}
	if _, err := client.Write(event.Payload); err != nil {
		return fmt.Errorf("send: %w", err)
	}
	if _, err := io.ReadFull(client, make([]byte, len(event.Payload))); err != nil {
		return fmt.Errorf("receive: %w", err)
	}
	return nil
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
