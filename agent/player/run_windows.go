package player

import (
	"fmt"

	"crossbpf/agent/efw"
	"crossbpf/agent/names"
	"crossbpf/agent/protocol"
)

// largestDataOut bounds what a step may ask for, in bytes.
const largestDataOut = 4 << 20

// contextSize is what a type of program takes as the context of a test run, in bytes.
type contextSize struct {
	// least is what it needs; other is a second size that it takes, or 0.
	least, other int
	// exact tells that it takes no more than that.
	exact bool
	// data tells whether it takes data beside the context.
	data bool
}

// contexts are the contexts of eBPF for Windows 1.5.0: bind_md_t, bpf_sock_addr_t or bpf_sock_addr_test_context_t, and
// bpf_sock_ops_t of include/ebpf_nethooks.h, as netebpfext makes them of what a test run gives (_ebpf_…_context_create);
// xdp_md_t of xdp-for-windows (src/xdp/program.c), which is optional there; and that of the sample extension.
var contexts = map[string]contextSize{
	"bind":             {least: 56, data: true},
	"cgroup_sock_addr": {least: 64, other: 120, exact: true},
	"sock_ops":         {least: 64},
	"xdp":              {least: 32, data: true},
	"sample":           {least: 32, data: true},
}

// run makes one test run. A context that the scenario does not give is all zeroes.
func (s *scene) run(step protocol.Step) (protocol.StepReply, error) {
	program, err := s.program(step.Program)
	if err != nil {
		return protocol.StepReply{}, err
	}
	if step.DataOutBytes < 0 || step.DataOutBytes > largestDataOut {
		return protocol.StepReply{}, fmt.Errorf("room for %d bytes of output is more than %d", step.DataOutBytes, largestDataOut)
	}
	kind := names.ProgramType(program.Type())
	ctx, err := contextFor(kind, step)
	if err != nil {
		return protocol.StepReply{}, err
	}
	result, err := s.library.Run(efw.Run{
		Program: program.FD(), Data: step.Data, Ctx: ctx, Repeat: step.Repeat, CPU: step.CPU,
		Room: step.DataOutBytes,
	})
	if err != nil {
		return protocol.StepReply{}, fmt.Errorf("run %s: %w", step.Program, err)
	}
	reply := protocol.StepReply{Retval: &result.Retval, RunNs: &result.Nanoseconds}
	if step.DataOutBytes > 0 {
		data := protocol.Bytes(result.Data)
		reply.DataOut = &data
	}
	if len(step.Ctx) > 0 && result.Ctx != nil {
		out := protocol.Bytes(result.Ctx)
		reply.CtxOut = &out
	}
	return reply, nil
}

// contextFor checks a step's context and data against what the program's type takes.
func contextFor(kind string, step protocol.Step) ([]byte, error) {
	size, known := contexts[kind]
	if !known {
		return step.Ctx, nil
	}
	if len(step.Data) > 0 && !size.data {
		return nil, fmt.Errorf("a program of type %s takes no data on Windows, but a context", kind)
	}
	given := len(step.Ctx)
	fits := given == size.least || given == size.other && given > 0 || given > size.least && !size.exact
	switch {
	case given == 0 && kind == "xdp":
		return nil, nil
	case given == 0:
		return make([]byte, size.least), nil
	case !fits:
		return nil, fmt.Errorf("the context has %d bytes, but that of a program of type %s has %d on Windows", given, kind, size.least)
	}
	return step.Ctx, nil
}
