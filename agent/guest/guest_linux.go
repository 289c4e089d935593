// Package guest is the agent as PID 1 of a virtual machine.
package guest

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"time"

	"golang.org/x/sys/unix"

	"crossbpf/agent/machine"
	"crossbpf/agent/protocol"
	"crossbpf/agent/session"
)

// portPatience is how long to wait for the port: the kernel finds it while the agent starts.
const portPatience = 30 * time.Second

// Run sets up the machine, serves the harness on the port, and powers off when the harness says bye. It does not
// return: where it fails it says why on the console and exits, which makes the kernel panic and QEMU end.
func Run() {
	warnings := mountAll()
	out := openConsole()
	out.printf("PID 1 after %.2f s", bootSeconds())
	err := run(out, warnings)
	if err == nil {
		err = fmt.Errorf("power off: %w", powerOff())
	}
	out.printf("fatal: %v", err)
	os.Exit(1)
}

func run(out *console, warnings []string) error {
	children := startReaper()
	nameConfig()
	boundMemory()
	warnings = append(warnings, loadModules()...)
	if err := bringUpLoopback(); err != nil {
		warnings = append(warnings, fmt.Sprintf("bring up lo: %v", err))
	}
	for _, warning := range warnings {
		out.printf("warning: %s", warning)
	}
	path, err := findPort(portPatience)
	if err != nil {
		return err
	}
	connection, err := openPort(path)
	if err != nil {
		return err
	}
	m := machine.Guest(children, warnings)
	m.Warm()
	compactMemory()
	m.GrowStacks()
	m.Rehearse()
	pinMemory()
	out.printf("ready after %.2f s, on %s", bootSeconds(), path)
	return serve(out, connection, m)
}

// serve answers one connection after the other. The machine and what it knows stay the same.
func serve(out *console, connection *port, m *machine.Machine) error {
	for {
		if err := connection.WaitForHost(); err != nil {
			return err
		}
		outcome, err := session.Serve(connection, m)
		if outcome == session.Bye {
			return nil
		}
		var broken *protocol.BrokenStreamError
		if errors.As(err, &broken) {
			return err
		}
		if err != nil {
			out.printf("the host is gone: %v", err)
		}
	}
}

// pinMemory brings in all that the agent has mapped, its code above all: a restored guest then takes no page faults for
// it. A failure only makes the first load slower.
func pinMemory() {
	_ = unix.Mlockall(unix.MCL_CURRENT)
}

// compactMemory gives back what was needed only for the start, which makes a snapshot small.
func compactMemory() {
	runtime.GC()
	debug.FreeOSMemory()
}
