package network

import (
	"errors"
	"fmt"
	"os"
	"testing"

	"golang.org/x/sys/unix"

	"crossbpf/agent/thread"
)

func TestDatagramsFromTheWorldArrive(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("network namespaces need root")
	}
	before, err := os.Readlink("/proc/self/ns/net")
	if err != nil {
		t.Fatal(err)
	}
	stage, err := thread.Start("crossbpf")
	if err != nil {
		t.Fatal(err)
	}
	defer stage.End()
	err = stage.Do(func() error {
		network, err := Open()
		if err != nil {
			return err
		}
		defer network.Close()
		return exchange(network)
	})
	if errors.Is(err, unix.EPERM) || errors.Is(err, unix.EOPNOTSUPP) {
		t.Skipf("not here: %v", err)
	}
	if err != nil {
		t.Error(err)
	}
	if after, _ := os.Readlink("/proc/self/ns/net"); after != before {
		t.Errorf("the process moved from %s to %s", before, after)
	}
}

func exchange(network *Network) error {
	receiver, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return err
	}
	defer unix.Close(receiver)
	address := &unix.SockaddrInet4{Port: 53, Addr: Here.As4()}
	if err := unix.Bind(receiver, address); err != nil {
		return err
	}
	err = network.InWorld(func() error {
		sender, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
		if err != nil {
			return err
		}
		defer unix.Close(sender)
		return unix.Sendto(sender, []byte("hello"), 0, address)
	})
	if err != nil {
		return err
	}
	buffer := make([]byte, 16)
	size, from, err := unix.Recvfrom(receiver, buffer, 0)
	if err != nil || string(buffer[:size]) != "hello" {
		return fmt.Errorf("%q, %w", buffer[:size], err)
	}
	if sender := from.(*unix.SockaddrInet4).Addr; sender != World.As4() {
		return fmt.Errorf("from %v", sender)
	}
	return nil
}
