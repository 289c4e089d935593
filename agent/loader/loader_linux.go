// Package loader brings each program of an object before the kernel's verifier by itself, and tells what it said.
package loader

import (
	"errors"
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/features"

	"crossbpf/agent/kmsg"
	"crossbpf/agent/names"
	"crossbpf/agent/object"
	"crossbpf/agent/protocol"
	"crossbpf/agent/session"
)

// largestKept is how many bytes of a log a request may ask to keep in all.
const largestKept = 64 << 20

// Loader loads programs. It keeps the kernel's types from one object to the next.
type Loader struct {
	types *btf.Cache
	gate  *gate // nil where the kernel has no seccomp listeners
	log   *kmsg.Reader
	// shareable is how many bytes of maps an object's programs may share.
	shareable uint64
	// scratch is for a log that is read before the next program is loaded.
	scratch []byte
	// sample is a prepared load that every kernel accepts; nil while there is none.
	sample []byte
	// done is what has served its purpose. It is closed when the next program is loaded: the answer need not wait for
	// it, and a guest that ends with its answer never has to do it.
	done []closer
}

type closer interface{ Close() }

func (l *Loader) later(c closer) { l.done = append(l.done, c) }

func (l *Loader) closeDone() {
	for _, c := range l.done {
		c.Close()
	}
	l.done = nil
}

// New returns a loader, and a warning in words where it cannot see whole logs.
func New() (*Loader, string) {
	l := &Loader{types: btf.NewCache(), log: kmsg.Open(), shareable: shareableBytes(), scratch: make([]byte, firstLog)}
	g, err := openGate()
	if err != nil {
		return l, fmt.Sprintf("%v: verifier logs hold only what is wrong and the statistics", err)
	}
	l.gate = g
	return l, ""
}

// HasBTF tells whether the kernel has types.
func (l *Loader) HasBTF() bool {
	_, err := l.types.Kernel()
	return err == nil
}

// Runtime is the kernel itself.
func (l *Loader) Runtime() *protocol.RuntimeFacts { return nil }

// Load answers for each program as soon as its verdict is known, and then says what the kernel warned of meanwhile.
func (l *Loader) Load(request protocol.LoadRequest, data []byte, answer session.Answer) (protocol.LoadedReply, error) {
	keep, err := limitsOf(request)
	if err != nil {
		return protocol.LoadedReply{}, err
	}
	file, err := object.ParseFor(names.Linux, data)
	if err != nil {
		return protocol.LoadedReply{}, protocol.Errorf(protocol.BadObject, "%v", err)
	}
	if err := file.SetTypes(request.Types); err != nil {
		return protocol.LoadedReply{}, protocol.Errorf(protocol.BadRequest, "%v", err)
	}
	order := programOrder(file.Spec, request.Programs)
	for _, name := range order {
		if file.Spec.Programs[name] == nil {
			return protocol.LoadedReply{}, protocol.Errorf(protocol.BadRequest, "the object has no program %q", name)
		}
	}
	for _, variable := range request.Variables {
		if err := setVariable(file.Spec.Maps, variable); err != nil {
			return protocol.LoadedReply{}, err
		}
	}
	l.log.Skip()
	shared := l.newSharedMaps(file.Spec, complete(file))
	defer l.later(shared)
	linker, handing := l.newLinker(file), l.newHandover(file)
	var written *transcript
	if request.Prepare {
		written = newTranscript()
	}
	whole := wholeObject{loader: l, file: file, linker: linker, handing: handing}
	if whole.isTold(request) {
		written.refuse() // a prepared load is of programs by themselves
	}
	var starved []starvation
	for _, name := range order {
		l.closeDone()
		one := separate(file.Spec, name)
		attempt := &attempt{
			loader: l, spec: one, program: one.Programs[name], maps: shared, linker: linker, handing: handing,
			keep: keep, transcript: written, tell: request.Instructions, broken: file.Broken[name],
		}
		accepted, err := l.answerFor(attempt, answer)
		if err != nil {
			return protocol.LoadedReply{}, err
		}
		whole.note(name, accepted)
		if attempt.lacking != nil {
			starved = append(starved, *attempt.lacking)
		}
	}
	if len(starved) > 0 {
		return protocol.LoadedReply{}, outOfMemory(starved)
	}
	reply := protocol.LoadedReply{Programs: len(order), Prepared: written.packed()}
	if whole.isTold(request) {
		reply.Object = whole.load()
	}
	reply.KernelLog = l.log.Warnings()
	return reply, nil
}

// answerFor loads a program and answers, unless there was no memory for it.
func (l *Loader) answerFor(a *attempt, answer session.Answer) (accepted bool, err error) {
	reply, log, err := l.loadProgram(a)
	if err != nil {
		return false, err
	}
	if reply.Verdict != protocol.Accept {
		a.transcript.refuse()
	}
	if a.lacking != nil {
		return false, nil
	}
	return reply.Verdict == protocol.Accept, answer(reply, log.text)
}

// limitsOf reads from a request how much of a log to keep.
func limitsOf(request protocol.LoadRequest) (limits, error) {
	if request.LogHead > largestKept || request.LogTail > largestKept-request.LogHead {
		return limits{}, protocol.Errorf(protocol.BadRequest, "logHead and logTail are more than %d bytes", largestKept)
	}
	return limits{request.LogHead, request.LogTail, request.LogInsns}, nil
}

// loadProgram brings one program before the verifier. Its error means that no program can be loaded at all.
func (l *Loader) loadProgram(a *attempt) (protocol.ProgramReply, verifierLog, error) {
	if missing, words, found := l.unloadable(a.program); found {
		return a.unsupported(missing, nil, errors.New(words)), verifierLog{}, nil
	}
	if a.broken != "" {
		said := fmt.Errorf("the loader cannot read the program: %s", a.broken)
		return a.unsupported(failure{stage: protocol.StageLoad}, nil, said), verifierLog{}, nil
	}
	err := a.run()
	if err != nil && isPermission(err) && isPermission(features.HaveProgramType(ebpf.SocketFilter)) {
		return protocol.ProgramReply{}, verifierLog{}, permissionDenied(err)
	}
	if a.lacking = a.starved(err); a.lacking != nil {
		return protocol.ProgramReply{}, verifierLog{}, nil
	}
	reply := a.reply(err)
	reply.Handed = a.handed
	return reply, a.result.log, nil
}

// unloadable tells what stands against loading a program at all, whatever the kernel, and how the loader words it.
func (l *Loader) unloadable(program *ebpf.ProgramSpec) (f failure, words string, found bool) {
	switch {
	case program.Type == ebpf.UnspecifiedProgram && names.NearestSection(program.SectionName) != "":
		return failure{stage: protocol.StageLoad}, fmt.Sprintf("section %q gives the program no type; did you mean %q?",
			program.SectionName, names.NearestSection(program.SectionName)), true
	case program.Type == ebpf.UnspecifiedProgram:
		return failure{protocol.StageLoad, fmt.Sprintf("program type for section %q", program.SectionName)},
			"the loader does not know this section name, so the program has no type", true
	case program.ByteOrder != nil && program.ByteOrder != thisOrder():
		return failure{stage: protocol.StageLoad}, fmt.Sprintf("can't load %v program on %v", program.ByteOrder, thisOrder()), true
	case program.Type == ebpf.Extension:
		return failure{protocol.StageAttachTarget, AttachTarget(program)},
			"a program extension can be loaded only together with the program that it extends", true
	case isForCgroupLSM(program) && l.gate == nil:
		return failure{protocol.StageAttachTarget, "lsm_cgroup in the loader"},
			"cilium/ebpf does not look up the hooks of lsm_cgroup programs", true
	}
	return failure{}, "", false
}
