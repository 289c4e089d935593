// Command crossbpf-agent loads BPF programs on behalf of the crossbpf harness. It is PID 1 in a guest, a process that
// speaks the harness's protocol elsewhere, and describes objects without loading them.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"slices"
	"syscall"
	"time"

	"crossbpf/agent/bounds"
	"crossbpf/agent/guest"
	"crossbpf/agent/hangup"
	"crossbpf/agent/inspect"
	"crossbpf/agent/machine"
	"crossbpf/agent/portability"
	"crossbpf/agent/session"
	"crossbpf/agent/vmlinux"
)

const usage = "usage: crossbpf-agent inspect OBJECT | portability < REQUEST | vmlinux TYPES | serve | version"

func main() {
	arguments := os.Args[1:]
	if os.Getpid() == 1 && !isCommand(arguments) {
		guest.Run()
	}
	os.Exit(run(arguments))
}

// isCommand tells a process of a container, which may be PID 1 too, from the PID 1 of a guest: the kernel passes to
// that one the words of its command line that it does not know.
func isCommand(arguments []string) bool {
	return len(arguments) > 0 && slices.Contains([]string{"inspect", "portability", "vmlinux", "serve", "version"}, arguments[0])
}

// run carries out one command and returns the exit code: 2 for what the user can mend, 1 for a broken connection.
func run(arguments []string) int {
	switch {
	case len(arguments) == 2 && arguments[0] == "inspect":
		return runInspect(arguments[1])
	case len(arguments) == 1 && arguments[0] == "portability":
		return runPortability()
	case len(arguments) == 2 && arguments[0] == "vmlinux":
		return runVmlinux(arguments[1])
	case len(arguments) == 1 && arguments[0] == "serve":
		return serve()
	case len(arguments) == 1 && arguments[0] == "version":
		fmt.Println("crossbpf-agent", machine.Version)
		return 0
	}
	fmt.Fprintln(os.Stderr, usage)
	return 2
}

// forOne are the limits for reading one object; forMany for any number of them, with the types of all kernels.
var (
	forOne  = bounds.Limits{Memory: 2 << 30, Processor: 10 * time.Second}
	forMany = bounds.Limits{Memory: 16 << 30, Processor: 10 * time.Minute}
)

func runInspect(path string) int {
	bounds.Apply(forOne)
	description, err := inspect.File(path)
	if err != nil {
		fmt.Fprintf(os.Stderr, "crossbpf-agent: %v\n", err)
		return 2
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(description); err != nil {
		fmt.Fprintf(os.Stderr, "crossbpf-agent: %v\n", err)
		return 1
	}
	return 0
}

// runPortability answers the request on standard input, with a line of JSON for each object.
func runPortability() int {
	var request portability.Request
	if err := json.NewDecoder(os.Stdin).Decode(&request); err != nil {
		fmt.Fprintf(os.Stderr, "crossbpf-agent: not a request: %v\n", err)
		return 2
	}
	if len(request.Objects) == 1 && len(request.Kernels) == 0 {
		bounds.Apply(forOne)
	} else {
		bounds.Apply(forMany)
	}
	// A short life: what it reads is needed to its end.
	debug.SetGCPercent(400)
	answers, err := portability.Examine(request)
	if err != nil {
		fmt.Fprintf(os.Stderr, "crossbpf-agent: %v\n", err)
		return 2
	}
	encoder := json.NewEncoder(os.Stdout)
	for i := range answers {
		if err := encoder.Encode(&answers[i]); err != nil {
			fmt.Fprintf(os.Stderr, "crossbpf-agent: %v\n", err)
			return 1
		}
	}
	return 0
}

// runVmlinux prints the header of the types in a file: a kernel's raw BTF, or an image that holds it.
func runVmlinux(path string) int {
	types, err := portability.LoadTypes(path)
	if err == nil {
		err = vmlinux.Write(os.Stdout, types)
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "crossbpf-agent: %v\n", err)
		return 2
	}
	return 0
}

// hangupGrace is how long a request may go on after the harness is gone, so that it can clean up.
const hangupGrace = 5 * time.Second

func serve() int {
	host := machine.Host()
	end := func() {
		host.Abandon()
		os.Exit(1)
	}
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	go func() {
		<-signals
		end()
	}()
	connection := struct {
		io.Reader
		io.Writer
	}{hangup.Watch(os.Stdin, hangupGrace, end), os.Stdout}
	_, err := session.Serve(connection, host)
	if err != nil {
		fmt.Fprintf(os.Stderr, "crossbpf-agent: %v\n", err)
		return 1
	}
	return 0
}
