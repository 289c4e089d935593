package player

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/link"
	"golang.org/x/sys/unix"

	"crossbpf/agent/protocol"
)

// attachIterator attaches a program that gives text, if need be about a map.
func (s *scene) attachIterator(program *ebpf.Program, target *protocol.AttachTarget) (attachment, error) {
	options := link.IterOptions{Program: program}
	if target != nil {
		if target.At != protocol.AtMap {
			return attachment{}, fmt.Errorf("an iterator cannot be attached to a %s", target.At)
		}
		m, err := s.findMap(target.Map)
		if err != nil {
			return attachment{}, err
		}
		options.Map = m
	}
	iterator, err := link.AttachIter(options)
	if err != nil {
		return attachment{}, err
	}
	return attachment{detach: iterator.Close, iterator: iterator}, nil
}

// text reads what an iterator gives.
func (s *scene) text(step protocol.Step, deadline time.Time) (protocol.StepReply, error) {
	at := s.attachmentAt(step.As)
	if at < 0 || s.attached[at].iterator == nil {
		return protocol.StepReply{}, fmt.Errorf("there is no iterator %q", step.As)
	}
	reader, err := s.attached[at].iterator.Open()
	if err != nil {
		return protocol.StepReply{}, named(err)
	}
	defer reader.Close()
	most := max(0, min(step.MaxBytes, largestDump))
	var text []byte
	buffer := make([]byte, 16<<10)
	for len(text) <= most && time.Now().Before(deadline) {
		size, err := reader.Read(buffer)
		text = append(text, buffer[:size]...)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return protocol.StepReply{}, fmt.Errorf("read the iterator %s: %w", step.As, err)
		}
	}
	truncated := len(text) > most
	kept := string(text[:min(most, len(text))])
	return protocol.StepReply{Text: &kept, Truncated: &truncated}, nil
}

// attachPerfEvent attaches to a software clock on each processor that is on.
func attachPerfEvent(program *ebpf.Program, hertz uint64) (attachment, error) {
	online, err := onlineProcessors()
	if err != nil {
		return attachment{}, err
	}
	var events []int
	closeAll := func() error {
		for _, event := range events {
			unix.Close(event)
		}
		return nil
	}
	for _, processor := range online {
		event, err := openClock(program, hertz, processor)
		if err != nil {
			_ = closeAll()
			return attachment{}, err
		}
		events = append(events, event)
	}
	return attachment{detach: closeAll}, nil
}

func openClock(program *ebpf.Program, hertz uint64, processor int) (int, error) {
	clock := unix.PerfEventAttr{
		Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{})), Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_CPU_CLOCK,
		Sample: hertz, Bits: unix.PerfBitFreq | unix.PerfBitDisabled,
	}
	event, err := unix.PerfEventOpen(&clock, -1, processor, -1, unix.PERF_FLAG_FD_CLOEXEC)
	if err != nil {
		return -1, fmt.Errorf("open a clock on processor %d: %w", processor, err)
	}
	if err = unix.IoctlSetInt(event, unix.PERF_EVENT_IOC_SET_BPF, program.FD()); err == nil {
		err = unix.IoctlSetInt(event, unix.PERF_EVENT_IOC_ENABLE, 0)
	}
	if err != nil {
		unix.Close(event)
		return -1, fmt.Errorf("give the clock of processor %d the program: %w", processor, err)
	}
	return event, nil
}

// onlineProcessors reads a list such as "0-2,4".
func onlineProcessors() ([]int, error) {
	text, err := os.ReadFile("/sys/devices/system/cpu/online")
	if err != nil {
		return nil, err
	}
	return parseList(strings.TrimSpace(string(text)))
}

func parseList(text string) ([]int, error) {
	var numbers []int
	for part := range strings.SplitSeq(text, ",") {
		first, last, isRange := strings.Cut(part, "-")
		if !isRange {
			last = first
		}
		from, err := strconv.Atoi(first)
		if err != nil {
			return nil, fmt.Errorf("%q is no list of processors", text)
		}
		to, err := strconv.Atoi(last)
		if err != nil || to-from > 1<<16 {
			return nil, fmt.Errorf("%q is no list of processors", text)
		}
		for number := from; number <= to; number++ {
			numbers = append(numbers, number)
		}
	}
	return numbers, nil
}
