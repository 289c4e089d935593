// Package child is the agent's binary as a child of itself, by which a scenario makes something happen.
package child

import (
	"fmt"
	"os"
	"reflect"
	"strconv"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Command is the agent's word for a child.
const Command = "child"

// Kinds of children, the argument behind Command.
const (
	// Trigger calls the function that uprobes find, and ends.
	Trigger = "trigger"
	// Wait takes the number of a signal, writes a byte once that has its default action, and ends with its input.
	Wait = "wait"
)

// TriggerSymbol is the name by which scenarios mean the function that Trigger calls.
const TriggerSymbol = "crossbpf_trigger"

// Run is the child. It returns the exit code.
func Run(arguments []string) int {
	switch {
	case len(arguments) == 1 && arguments[0] == Trigger:
		trigger()
		return 0
	case len(arguments) == 2 && arguments[0] == Wait:
		return wait(arguments[1])
	}
	fmt.Fprintln(os.Stderr, "crossbpf-agent: not a child's arguments")
	return 2
}

// TriggerAddress is where the function that Trigger calls lies in memory.
func TriggerAddress() uintptr { return reflect.ValueOf(trigger).Pointer() }

// triggered gives trigger something to do.
var triggered int

// trigger is for uprobes to attach to. Go would begin it a second time where it must first get room on the stack.
//
//go:noinline
//go:nosplit
func trigger() { triggered++ }

func wait(signal string) int {
	number, err := strconv.Atoi(signal)
	if err == nil {
		err = resetSignal(unix.Signal(number))
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "crossbpf-agent: %v\n", err)
		return 2
	}
	if _, err := os.Stdout.Write([]byte{'.'}); err != nil {
		return 1
	}
	// Ends with the input, whether or not the signal ended it before.
	_, _ = os.Stdin.Read(make([]byte, 1))
	return 0
}

// resetSignal gives a signal the action that the kernel has for it, as Go takes most signals for itself. Those that no
// process can handle have none other.
func resetSignal(signal unix.Signal) error {
	if signal == unix.SIGKILL || signal == unix.SIGSTOP {
		return nil
	}
	// struct sigaction of the kernel: handler (SIG_DFL is 0), flags, restorer, mask, in an order that does not matter
	// when all are 0.
	var action [4]uint64
	const maskSize = 8
	if _, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, uintptr(signal), uintptr(unsafe.Pointer(&action)), 0, maskSize, 0, 0); errno != 0 {
		return fmt.Errorf("signal %d: %w", signal, errno)
	}
	return nil
}
