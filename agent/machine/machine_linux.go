package machine

import (
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"crossbpf/agent/loader"
	"crossbpf/agent/protocol"
)

const jitFile = "/proc/sys/net/core/bpf_jit_enable"

// raiseLimits lifts what would stand in the way of loading, for this process alone: before Linux 5.11 maps and programs
// count as locked memory. It returns in words what could not be lifted.
func raiseLimits() []string {
	var failed []string
	for _, limit := range []struct {
		name     string
		resource int
		value    uint64
	}{
		{"RLIMIT_MEMLOCK", unix.RLIMIT_MEMLOCK, unix.RLIM_INFINITY},
		{"RLIMIT_NOFILE", unix.RLIMIT_NOFILE, 1 << 20},
	} {
		if err := unix.Setrlimit(limit.resource, &unix.Rlimit{Cur: limit.value, Max: limit.value}); err != nil {
			failed = append(failed, fmt.Sprintf("%s: %v", limit.name, err))
		}
	}
	return failed
}

// Warm does what is slow and the same every time, so that no later request has to.
func (m *Machine) Warm() {
	m.warnings = append(m.warnings, m.loader.Warm()...)
	m.player.Warm()
	if err := protocol.Warm(); err != nil {
		m.warnings = append(m.warnings, err.Error())
	}
}

// GrowStacks makes the stacks of the goroutines that serve requests as large as a load needs them: a restored guest then
// need not translate the code that moves a stack. The next garbage collection may undo it.
func (m *Machine) GrowStacks() {
	loader.GrowStack()
	m.loader.GrowStacks()
}

// Rehearse does once what a restored guest is asked for first.
func (m *Machine) Rehearse() { m.loader.Rehearse() }

// apply sets the clock, the random pool and the JIT of a guest. It returns what it could not do, in words.
func (m *Machine) apply(request protocol.HelloRequest) []string {
	var failed []string
	try := func(what string, err error) {
		if err != nil {
			failed = append(failed, fmt.Sprintf("%s: %v", what, err))
		}
	}
	if m.guest && request.Clock != nil {
		try("set the clock", setClock(*request.Clock))
	}
	if m.guest && request.Entropy != nil {
		try("add entropy", m.addEntropy(*request.Entropy))
	}
	if request.JIT != nil && *request.JIT != m.jitEnabled() {
		try("switch the JIT", m.switchJIT(*request.JIT))
	}
	return failed
}

func setClock(nanoseconds string) error {
	value, err := strconv.ParseInt(nanoseconds, 10, 64)
	if err != nil {
		return err
	}
	now := unix.NsecToTimespec(value)
	return unix.ClockSettime(unix.CLOCK_REALTIME, &now)
}

// addEntropy credits the bytes to the kernel's random pool and makes its generator take a new seed from there, as two
// guests that were restored from one snapshot would else draw the same numbers.
func (m *Machine) addEntropy(text string) error {
	bytes, err := hex.DecodeString(text)
	if err != nil {
		return err
	}
	fd, err := m.state.openRandom()
	if err != nil {
		return err
	}
	// struct rand_pool_info: how many bits, how many bytes, the bytes.
	pool := binary.NativeEndian.AppendUint32(nil, uint32(8*len(bytes)))
	pool = binary.NativeEndian.AppendUint32(pool, uint32(len(bytes)))
	pool = append(pool, bytes...)
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.RNDADDENTROPY, uintptr(unsafe.Pointer(&pool[0]))); errno != 0 {
		return errno
	}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), unix.RNDRESEEDCRNG, 0); errno != 0 {
		return errno
	}
	return nil
}

func (m *Machine) switchJIT(on bool) error {
	if !m.guest {
		return fmt.Errorf("%s belongs to the whole host, so the agent leaves it as it is", jitFile)
	}
	value := "0"
	if on {
		value = "1"
	}
	m.state.jit = nil
	return os.WriteFile(jitFile, []byte(value), 0)
}

// jitEnabled reads a guest's setting once, as nobody else changes it there.
func (m *Machine) jitEnabled() bool {
	if m.guest && m.state.jit != nil {
		return *m.state.jit
	}
	value, err := os.ReadFile(jitFile)
	enabled := err == nil && strings.TrimSpace(string(value)) != "0"
	m.state.jit = &enabled
	return enabled
}

// state is what is found out once and kept, so that a restored guest need not run the code for it again.
type state struct {
	jit *bool
	// random is a descriptor of /dev/urandom; 0 while there is none.
	random int
}

func (s *state) openRandom() (int, error) {
	if s.random > 0 {
		return s.random, nil
	}
	fd, err := unix.Open("/dev/urandom", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err == nil {
		s.random = fd
	}
	return fd, err
}

func kernelFacts() protocol.KernelFacts {
	var names unix.Utsname
	if err := unix.Uname(&names); err != nil {
		return protocol.KernelFacts{}
	}
	return protocol.KernelFacts{
		Release: unix.ByteSliceToString(names.Release[:]),
		Build:   unix.ByteSliceToString(names.Version[:]),
		Machine: unix.ByteSliceToString(names.Machine[:]),
	}
}
