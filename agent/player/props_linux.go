package player

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/cilium/ebpf"

	"crossbpf/agent/child"
	"crossbpf/agent/network"
	"crossbpf/agent/protocol"
)

const (
	// childName is what programs see as the name of the agent's children.
	childName = "crossbpf-child"
	// firstPort is the port that the first UDP or TCP trigger sends from.
	firstPort = 40000
)

// props are what a scenario has for itself on the machine, as far as its steps need it.
type props struct {
	// folder holds the scenario's files and the agent's own program for children.
	folder  string
	network *network.Network
	cgroup  *cgroup
	// networkError and cgroupError say why these are not there.
	networkError, cgroupError error
	trace                     trace
	// port is what the next trigger sends from.
	port int
	// filters are the programs that the sockets of UDP triggers get.
	filters []socketFilter
}

// prepare makes what must be there before the first step.
func (p *props) prepare(s *scene, files []byte) error {
	steps := s.request.Steps
	if slices.ContainsFunc(steps, func(step protocol.Step) bool { return step.Kind == protocol.StepTrace }) {
		p.trace.open()
	}
	if len(s.request.Files) == 0 && !slices.ContainsFunc(steps, func(step protocol.Step) bool { return needsFolder(step, s.spec) }) {
		return nil
	}
	if err := p.makeFolder(&s.player.leftovers); err != nil {
		return fmt.Errorf("make a folder: %w", err)
	}
	for _, file := range s.request.Files {
		if err := os.WriteFile(p.path(file.Name), files[:file.Bytes], 0o755); err != nil {
			return fmt.Errorf("write the file %s: %w", file.Name, err)
		}
		files = files[file.Bytes:]
	}
	return nil
}

func needsFolder(step protocol.Step, spec *ebpf.CollectionSpec) bool {
	if step.Event != nil {
		return step.Event.What == protocol.EventExec || step.Event.What == protocol.EventSignal
	}
	program := spec.Programs[step.Program]
	return step.Kind == protocol.StepAttach && program != nil && probeOf(program).user
}

// makeFolder makes a folder of the same name each time, as programs see it in the paths of what is run. Where that
// exists it is somebody else's.
func (p *props) makeFolder(leftovers *leftovers) error {
	folder := filepath.Join(os.TempDir(), "crossbpf")
	err := os.Mkdir(folder, 0o755)
	if errors.Is(err, os.ErrExist) {
		folder, err = os.MkdirTemp("", "crossbpf-")
	}
	if err != nil {
		return err
	}
	p.folder = folder
	leftovers.add(func() { _ = os.RemoveAll(folder) })
	program, err := child.Program()
	if err != nil {
		return err
	}
	return os.WriteFile(p.path(childName), program, 0o755)
}

func (p *props) path(name string) string { return filepath.Join(p.folder, name) }

// getNetwork returns the scenario's network, which was made before the first step, so that no program saw it happen.
func (p *props) getNetwork() (*network.Network, error) { return p.network, p.networkError }

// getCgroup returns the scenario's cgroup, likewise.
func (p *props) getCgroup() (*cgroup, error) { return p.cgroup, p.cgroupError }

// enterCgroup moves the calling thread to a cgroup of its own, where a step needs one.
func (p *props) enterCgroup(s *scene) {
	if !slices.ContainsFunc(s.request.Steps, func(step protocol.Step) bool { return needsCgroup(step, s.spec) }) {
		return
	}
	if p.cgroup, p.cgroupError = openCgroup(&s.player.leftovers); p.cgroupError != nil {
		p.cgroupError = fmt.Errorf("make a cgroup: %w", p.cgroupError)
	}
}

func needsNetwork(step protocol.Step, spec *ebpf.CollectionSpec) bool {
	if step.Event != nil {
		return step.Event.What == protocol.EventUDP || step.Event.What == protocol.EventTCP
	}
	program := spec.Programs[step.Program]
	if step.Kind != protocol.StepAttach || program == nil {
		return false
	}
	switch program.Type {
	case ebpf.XDP, ebpf.SchedCLS, ebpf.Netfilter, ebpf.SkLookup, ebpf.FlowDissector:
		return true
	}
	return false
}

func needsCgroup(step protocol.Step, spec *ebpf.CollectionSpec) bool {
	program := spec.Programs[step.Program]
	return step.Kind == protocol.StepAttach && program != nil && isCgroupType(program.Type)
}

// leave undoes what the stage itself must undo.
func (p *props) leave() {
	if p.network != nil {
		p.network.Close()
	}
}
