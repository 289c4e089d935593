package player

import (
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"crossbpf/agent/protocol"
)

// quiet is how long to wait for datagrams that did not arrive at once, which most never will.
const quiet = 100 * time.Millisecond

// udp sends datagrams to a socket, and counts those that arrive.
func (s *scene) udp(event *protocol.Event, deadline time.Time) (protocol.StepReply, error) {
	n, err := s.props.getNetwork()
	if err != nil {
		return protocol.StepReply{}, err
	}
	sides, err := endsOf(event)
	if err != nil {
		return protocol.StepReply{}, err
	}
	address := netip.AddrPortFrom(sides.server, event.Port)
	receiver, err := openSocket(n, sides.serverInWorld, unix.SOCK_DGRAM, address)
	if err != nil {
		return protocol.StepReply{}, err
	}
	defer unix.Close(receiver)
	for _, filter := range s.props.filters {
		if err := filter.attach(receiver); err != nil {
			return protocol.StepReply{}, err
		}
	}
	sender, err := openSocket(n, sides.clientInWorld, unix.SOCK_DGRAM, netip.AddrPortFrom(sides.client, s.takePort()))
	if err != nil {
		return protocol.StepReply{}, err
	}
	defer unix.Close(sender)
	received, err := exchangeDatagrams(sender, receiver, event, deadline)
	if err != nil {
		err = fmt.Errorf("send to %s: %w", address, err)
	}
	return protocol.StepReply{Received: &received}, err
}

// exchangeDatagrams goes on when one cannot be sent: a program may let some through. The error is the first one.
func exchangeDatagrams(sender, receiver int, event *protocol.Event, deadline time.Time) (received int, err error) {
	local, err := unix.Getsockname(receiver)
	if err != nil {
		return 0, err
	}
	var refused error
	sent := 0
	for range event.Count {
		if time.Now().After(deadline) {
			return received, errors.New("there was no time for all datagrams")
		}
		err := unix.Sendto(sender, event.Payload, 0, local)
		if errors.Is(err, unix.EAGAIN) {
			await(sender, unix.POLLOUT, deadline)
			err = unix.Sendto(sender, event.Payload, 0, local)
		}
		if err == nil {
			sent++
		} else if refused == nil {
			refused = err
		}
		received += drain(receiver)
	}
	for received < sent && await(receiver, unix.POLLIN, earlier(time.Now().Add(quiet), deadline)) {
		received += drain(receiver)
	}
	return received + drain(receiver), refused
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}

// drain takes out the datagrams that have arrived. An error of the socket, such as one that ICMP reports, is taken out
// too.
func drain(fd int) (count int) {
	buffer := make([]byte, 1)
	for {
		_, _, err := unix.Recvfrom(fd, buffer, unix.MSG_DONTWAIT|unix.MSG_TRUNC)
		if errors.Is(err, unix.EAGAIN) {
			return count
		}
		if err == nil {
			count++
		} else if !errors.Is(err, unix.EINTR) && !errors.Is(err, unix.ECONNREFUSED) {
			return count
		}
	}
}
