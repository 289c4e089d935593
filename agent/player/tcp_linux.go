package player

import (
	"bytes"
	"errors"
	"fmt"
	"net/netip"
	"time"

	"golang.org/x/sys/unix"

	"crossbpf/agent/protocol"
)

// tcp connects to a server, sends, gets the same back, and closes. One thread does both sides by turns.
func (s *scene) tcp(event *protocol.Event, deadline time.Time) error {
	n, err := s.props.getNetwork()
	if err != nil {
		return err
	}
	sides, err := endsOf(event)
	if err != nil {
		return err
	}
	address := netip.AddrPortFrom(sides.server, event.Port)
	server, err := openSocket(n, sides.serverInWorld, unix.SOCK_STREAM, address)
	if err != nil {
		return err
	}
	defer unix.Close(server)
	client, err := openSocket(n, sides.clientInWorld, unix.SOCK_STREAM, netip.AddrPortFrom(sides.client, s.takePort()))
	if err != nil {
		return err
	}
	defer unix.Close(client)
	for _, fd := range []int{server, client} {
		if err := chooseCongestion(fd, event.Congestion); err != nil {
			return err
		}
	}
	accepted, err := connect(server, client, address, deadline)
	if err != nil {
		return err
	}
	defer unix.Close(accepted)
	return echo(client, accepted, event.Payload, deadline)
}

// chooseCongestion names the congestion control, which a struct_ops program may be. An accepted socket has its
// listener's.
func chooseCongestion(fd int, name string) error {
	if name == "" {
		return nil
	}
	if err := unix.SetsockoptString(fd, unix.IPPROTO_TCP, unix.TCP_CONGESTION, name); err != nil {
		return fmt.Errorf("choose the congestion control %s: %w", name, err)
	}
	return nil
}

// connect connects both sides and returns the server's socket for the connection.
func connect(server, client int, address netip.AddrPort, deadline time.Time) (accepted int, err error) {
	if err := unix.Listen(server, 1); err != nil {
		return -1, fmt.Errorf("listen at %s: %w", address, err)
	}
	err = unix.Connect(client, sockaddr(address))
	if err != nil && !errors.Is(err, unix.EINPROGRESS) {
		return -1, fmt.Errorf("connect to %s: %w", address, err)
	}
	if !await(client, unix.POLLOUT, deadline) {
		return -1, fmt.Errorf("connect to %s: nobody answered in the time that a step may take: %w", address, unix.ETIMEDOUT)
	}
	code, err := unix.GetsockoptInt(client, unix.SOL_SOCKET, unix.SO_ERROR)
	if err == nil && code != 0 {
		err = unix.Errno(code)
	}
	if err != nil {
		return -1, fmt.Errorf("connect to %s: %w", address, err)
	}
	if !await(server, unix.POLLIN, deadline) {
		return -1, fmt.Errorf("accept at %s: no connection came in the time that a step may take: %w", address, unix.ETIMEDOUT)
	}
	accepted, _, err = unix.Accept4(server, unix.SOCK_NONBLOCK|unix.SOCK_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("accept at %s: %w", address, err)
	}
	return accepted, nil
}

// echo sends the payload from the client, lets the server send back what it gets, and closes the client first.
func echo(client, server int, payload []byte, deadline time.Time) error {
	var back []byte
	toServer, toClient := payload, []byte(nil)
	for len(back) < len(payload) {
		moved := 0
		for _, pass := range []func() (int, error){
			func() (int, error) { return send(client, &toServer) },
			func() (int, error) { return receive(server, &toClient) },
			func() (int, error) { return send(server, &toClient) },
			func() (int, error) { return receive(client, &back) },
		} {
			count, err := pass()
			if err != nil {
				return err
			}
			moved += count
		}
		if moved == 0 && !awaitEither(client, server, deadline) {
			return fmt.Errorf("%d of %d bytes came back in the time that a step may take: %w", len(back), len(payload), unix.ETIMEDOUT)
		}
	}
	if !bytes.Equal(back, payload) {
		return errors.New("what came back is not what was sent")
	}
	return finish(client, server, deadline)
}

// finish says that there is no more from the client, and waits until the server knows.
func finish(client, server int, deadline time.Time) error {
	if err := unix.Shutdown(client, unix.SHUT_WR); err != nil {
		return fmt.Errorf("close the connection: %w", err)
	}
	if !await(server, unix.POLLIN|unix.POLLRDHUP, deadline) {
		return fmt.Errorf("close the connection: the server was not told: %w", unix.ETIMEDOUT)
	}
	return nil
}

func send(fd int, rest *[]byte) (int, error) {
	if len(*rest) == 0 {
		return 0, nil
	}
	count, err := unix.SendmsgN(fd, *rest, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("send: %w", err)
	}
	*rest = (*rest)[count:]
	return count, nil
}

func receive(fd int, all *[]byte) (int, error) {
	buffer := make([]byte, 64<<10)
	count, _, err := unix.Recvfrom(fd, buffer, unix.MSG_DONTWAIT)
	if errors.Is(err, unix.EAGAIN) || errors.Is(err, unix.EINTR) {
		return 0, nil
	}
	if err == nil && count == 0 {
		err = unix.ECONNRESET
	}
	if err != nil {
		return 0, fmt.Errorf("receive: %w", err)
	}
	*all = append(*all, buffer[:count]...)
	return count, nil
}

// awaitEither waits until something more has come to one of both.
func awaitEither(client, server int, until time.Time) (ready bool) {
	left := time.Until(until)
	if left <= 0 {
		return false
	}
	poll := []unix.PollFd{{Fd: int32(client), Events: unix.POLLIN}, {Fd: int32(server), Events: unix.POLLIN}}
	count, err := unix.Poll(poll, int(left.Milliseconds())+1)
	return errors.Is(err, unix.EINTR) || err == nil && count > 0
}
