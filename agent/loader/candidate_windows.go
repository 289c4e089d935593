package loader

import (
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"crossbpf/agent/efw"
	"crossbpf/agent/names"
	"crossbpf/agent/object"
	"crossbpf/agent/protocol"
)

// verificationFailed is what a load answers to a program that the verifier rejects.
const verificationFailed = "EBPF_VERIFICATION_FAILED"

// providers are where program types come from that eBPF for Windows itself does not bring.
var providers = map[string]string{
	"xdp":      "microsoft/xdp-for-windows",
	"netevent": "microsoft/ntosebpfext",
	"process":  "microsoft/ntosebpfext",
	"sample":   "the sample extension of eBPF for Windows",
}

// candidate is an object on its way.
type candidate struct {
	loader *Loader
	spec   *ebpf.CollectionSpec
	data   []byte
	keep   limits
	// replies and logs are by program.
	replies map[string]protocol.ProgramReply
	logs    map[string]verifierLog
}

// verify asks the verifier about one program.
func (c *candidate) verify(name string) error {
	program := c.spec.Programs[name]
	answer, took, err := c.loader.library.Verify(c.data, program.SectionName, name)
	if err != nil {
		return err
	}
	log := c.keep.cut([]byte(answer.Report), nil)
	reply := protocol.ProgramReply{
		Name:        name,
		Section:     program.SectionName,
		ProgramType: names.ProgramType(program.Type),
		Origin:      protocol.FromVerifier,
		Analysis: &protocol.Analysis{
			Unreachable: answer.Stats.Unreachable, Warnings: answer.Stats.Warnings, MaxLoopCount: answer.Stats.MaxLoopCount,
		},
		LogBytes:   log.total,
		LogOmitted: log.omitted(),
		LoadNs:     took.Nanoseconds(),
	}
	describe(&reply, program, answer.Judge())
	if c.replies == nil {
		c.replies, c.logs = make(map[string]protocol.ProgramReply), make(map[string]verifierLog)
	}
	c.replies[name], c.logs[name] = reply, log
	return nil
}

// describe puts a verdict into an answer.
func describe(reply *protocol.ProgramReply, program *ebpf.ProgramSpec, verdict efw.Verdict) {
	if verdict.Class == efw.Accepted {
		reply.Verdict = protocol.Accept
		return
	}
	stage := protocol.StageLoad
	reply.Verdict, reply.Stage, reply.Message = protocol.Unsupported, &stage, verdict.Reason
	missing := ""
	switch verdict.Class {
	case efw.NoType:
		missing = missingType(reply.ProgramType, program.SectionName)
	case efw.NoHelper:
		reply.Verdict = protocol.Reject
		missing = helperAt(program.Instructions, verdict.Insn)
	case efw.Refused:
		reply.Verdict = protocol.Reject
	}
	if missing != "" {
		reply.Missing = &missing
	}
	if reply.Verdict == protocol.Reject {
		errno := verificationFailed
		reply.Errno = &errno
		reply.Source = sourceAt(program.Instructions, verdict.Insn)
	}
}

func missingType(kind, section string) string {
	if kind == "unspec" {
		return fmt.Sprintf("program type for section %q", section)
	}
	if provider := providers[kind]; provider != "" {
		return fmt.Sprintf("program type %s, which %s brings", kind, provider)
	}
	return "program type " + kind
}

// helperAt names the helper that an instruction calls.
func helperAt(program asm.Instructions, insn int) string {
	for i := program.Iterate(); i.Next(); {
		if int(i.Offset) == insn && i.Ins.IsBuiltinCall() {
			return "helper " + names.Helper(asm.BuiltinFunc(i.Ins.Constant))
		}
	}
	return ""
}

// sourceAt finds an instruction's line. The verifier and cilium/ebpf put a program's functions in orders of their own, so
// that only those of the program's own and of a single function behind it have the same numbers.
func sourceAt(program asm.Instructions, insn int) *protocol.Source {
	functions := 0
	for i := program.Iterate(); i.Next() && int(i.Offset) <= insn; {
		if functionAt(i.Ins) != "" {
			functions++
		}
	}
	if insn < 0 || functions > 2 {
		return nil
	}
	return sourceOf(program, &blame{insn: insn})
}

// load loads what the verifier accepted, as far as there are means.
func (c *candidate) load() {
	means := c.loader.means()
	if means.HasNative() {
		c.loadNative(means)
		return
	}
	for name, reply := range c.replies {
		if reply.Verdict != protocol.Accept {
			continue
		}
		switch {
		case !means.JIT:
			reply.NotLoaded = means.Lacking()
		case usesVariables(c.spec.Programs[name]):
			reply.NotLoaded = "a program with global variables has to be a native image, and " + means.Lacking()
		default:
			c.loadInstructions(&reply)
		}
		c.replies[name] = reply
	}
}

// loadNative converts the whole object, which the converter does only where the verifier accepts all of it.
func (c *candidate) loadNative(means efw.Means) {
	why := c.refusedOne()
	if why == "" {
		collection, err := means.LoadNative(c.data)
		if err != nil {
			why = "load the native image: " + object.OneLine(efw.Words(err))
			if refused := means.Lacking(); refused != "" {
				why += ": " + refused
			}
		} else {
			collection.Close()
		}
	}
	for name, reply := range c.replies {
		if reply.Verdict != protocol.Accept {
			continue
		}
		if reply.NotLoaded = why; why == "" {
			reply.Origin = protocol.FromNative
		}
		c.replies[name] = reply
	}
}

// refusedOne says why an object cannot be converted; empty where it can.
func (c *candidate) refusedOne() string {
	for _, name := range programOrder(c.spec, nil) {
		if c.replies[name].Verdict != protocol.Accept {
			return fmt.Sprintf("objects are converted to native images as a whole, and %s is not accepted", name)
		}
	}
	return ""
}

// loadInstructions loads one program as the verifier accepted it.
func (c *candidate) loadInstructions(reply *protocol.ProgramReply) {
	collection, err := ebpf.NewCollection(separate(c.spec, reply.Name))
	if err == nil {
		collection.Close()
		reply.Origin = protocol.FromJIT
		return
	}
	stage := protocol.StageLoad
	reply.Verdict, reply.Stage, reply.Origin = protocol.Reject, &stage, protocol.FromJIT
	reply.Errno, reply.Message = efw.ErrorName(err), "accepted by the verifier, but not loaded: "+ownWords(err)
}

// usesVariables tells whether a program refers to values of maps by their address, which only native images can.
func usesVariables(program *ebpf.ProgramSpec) bool {
	for i := range program.Instructions {
		if program.Instructions[i].IsLoadFromMap() && program.Instructions[i].Src == asm.PseudoMapValue {
			return true
		}
	}
	return false
}
