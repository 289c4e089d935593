package player

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"crossbpf/agent/protocol"
)

// outputPatience is how long to wait for the output of a child that has ended: its own children may hold it open.
const outputPatience = 200 * time.Millisecond

// command prepares a child of the stage: it is in the stage's namespaces and cgroup, and gets no more of the machine's
// environment than a path. What it starts itself ends with it.
func (s *scene) command(ctx context.Context, path string, arguments ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, path, arguments...)
	command.Dir = s.props.folder
	command.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
	// The stage is a thread that lasts as long as the scenario, so only the agent's end kills a child by it.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true, Pdeathsig: syscall.SIGKILL}
	command.Cancel = func() error { return killGroup(command) }
	command.WaitDelay = outputPatience
	return command
}

func killGroup(command *exec.Cmd) error { return unix.Kill(-command.Process.Pid, unix.SIGKILL) }

// exec runs a file of the scenario or the agent's own program, and waits for its end.
func (s *scene) exec(event *protocol.Event, deadline time.Time) (protocol.StepReply, error) {
	name := childName
	if event.File != nil {
		name = *event.File
	}
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	command := s.command(ctx, s.props.path(name), event.Arguments...)
	output := &boundedText{}
	command.Stdout, command.Stderr = output, output
	s.player.children.Lock()
	err := command.Run()
	s.player.children.Unlock()
	if command.Process == nil {
		return protocol.StepReply{}, s.notStarted(name, err)
	}
	_ = killGroup(command)
	code := exitCode(command)
	text := output.text.String()
	reply := protocol.StepReply{ExitCode: &code, Text: &text, Truncated: &output.truncated}
	switch {
	case ctx.Err() != nil:
		return reply, fmt.Errorf("%s did not end in the %s that a step may take, and was killed%s", name, s.timeout, lastWords(text))
	case code != 0:
		return reply, fmt.Errorf("%s ended with code %d%s", name, code, lastWords(text))
	}
	return reply, nil
}

// notStarted says why a child could not be started, where the error does not say it.
func (s *scene) notStarted(name string, err error) error {
	var errno unix.Errno
	if !errors.As(err, &errno) {
		return fmt.Errorf("run %s: %w", name, err)
	}
	hint := ""
	switch {
	case errno == unix.ENOENT && unix.Access(s.props.path(name), unix.F_OK) == nil:
		hint = " (what it needs to run is not there: a guest has no shell and no libraries, so link it statically)"
	case errno == unix.ENOEXEC:
		hint = " (it is no program for this machine)"
	}
	return fmt.Errorf("run %s: %w%s", name, errno, hint)
}

// exitCode is a child's code, or 128 and the signal that ended it, as a shell has it.
func exitCode(command *exec.Cmd) int {
	if status, isStatus := command.ProcessState.Sys().(syscall.WaitStatus); isStatus && status.Signaled() {
		return 128 + int(status.Signal())
	}
	return command.ProcessState.ExitCode()
}

func lastWords(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return ""
	}
	return ": " + text[strings.LastIndexByte(text, '\n')+1:]
}

// boundedText keeps the start of what is written to it.
type boundedText struct {
	text      strings.Builder
	truncated bool
}

func (b *boundedText) Write(bytes []byte) (int, error) {
	room := largestText - b.text.Len()
	b.truncated = b.truncated || len(bytes) > room
	b.text.Write(bytes[:min(room, len(bytes))])
	return len(bytes), nil
}

// stops are signals that stop a process rather than end it.
var stops = map[unix.Signal]bool{unix.SIGSTOP: true, unix.SIGTSTP: true, unix.SIGTTIN: true, unix.SIGTTOU: true}

// signal sends a signal to a child, which waits for it, and ends at the latest then.
func (s *scene) signal(event *protocol.Event, deadline time.Time) (protocol.StepReply, error) {
	number := unix.SignalNum(event.Signal)
	if number == 0 {
		return protocol.StepReply{}, fmt.Errorf("there is no signal %q", event.Signal)
	}
	ctx, cancel := context.WithDeadline(context.Background(), deadline)
	defer cancel()
	command := s.command(ctx, s.props.path(childName))
	input, err := command.StdinPipe()
	if err != nil {
		return protocol.StepReply{}, err
	}
	s.player.children.Lock()
	defer s.player.children.Unlock()
	if err := command.Start(); err != nil {
		return protocol.StepReply{}, fmt.Errorf("start a child: %w", err)
	}
	awaitName(command.Process.Pid, childName, deadline)
	sendErr := unix.Kill(command.Process.Pid, number)
	input.Close()
	if stops[number] {
		_ = unix.Kill(command.Process.Pid, unix.SIGCONT)
	}
	_ = command.Wait()
	code := exitCode(command)
	reply := protocol.StepReply{ExitCode: &code}
	switch {
	case ctx.Err() != nil:
		return reply, fmt.Errorf("the child did not end in the %s that a step may take, and was killed", s.timeout)
	case sendErr != nil:
		return reply, fmt.Errorf("send %s: %w", event.Signal, sendErr)
	}
	return reply, nil
}

// awaitName waits until a process has the name of its program. The kernel lets the parent go on a moment before: it
// closes descriptors first (begin_new_exec in fs/exec.c), which is what Go waits for. Another thread than the stage
// looks, as programs may watch which files that one opens.
func awaitName(process int, name string, deadline time.Time) {
	named := make(chan struct{})
	go func() {
		defer close(named)
		for time.Now().Before(deadline) {
			text, err := os.ReadFile(fmt.Sprintf("/proc/%d/comm", process))
			if err != nil || strings.TrimSpace(string(text)) == name {
				return
			}
			time.Sleep(100 * time.Microsecond)
		}
	}()
	<-named
}
