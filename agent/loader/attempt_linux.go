package loader

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/features"
	"golang.org/x/sys/unix"

	"crossbpf/agent/names"
	"crossbpf/agent/object"
	"crossbpf/agent/protocol"
)

// attempt is the loading of one program.
type attempt struct {
	loader  *Loader
	spec    *ebpf.CollectionSpec // of this program alone
	program *ebpf.ProgramSpec
	maps    *sharedMaps
	// linker is nil for a program that takes nothing from the kernel.
	linker  *linker
	handing *handover
	keep    limits
	// transcript is nil where nobody wants it.
	transcript *transcript
	// lacking is what there was no memory for; nil where it sufficed.
	lacking *starvation
	// broken is why the object's program could not be read; else "".
	broken string
	// tell asks for what is handed to the kernel.
	tell bool

	// hook is the type that the program attaches to, where the library does not look it up; 0 for none.
	hook btf.TypeID
	// left is what was left out of the program itself.
	left    []string
	created map[string]*ebpf.Map
	// exact is what the kernel gets in place of what the library makes of the program; nil to leave that as it is.
	exact  *exactCode
	asked  bool // whether BPF_PROG_LOAD was reached
	result verification
	// loaded is closed when the next program is loaded by itself.
	loaded *ebpf.Program
	handed *protocol.HandedProgram // nil where it is not asked for
}

// run loads the program and closes it again. Its error is what the loader says.
func (a *attempt) run() (err error) {
	job := func() { err = a.load() }
	if a.loader.gate == nil {
		job()
		a.readUngated(err)
		return err
	}
	a.loader.gate.run(a.handle, job)
	return err
}

// load lets cilium/ebpf create the maps and prepare the program.
func (a *attempt) load() (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the loader panicked: %v", cause)
		}
	}()
	all, own, err := a.maps.create(a.spec)
	if err != nil {
		return err
	}
	a.loader.later(own)
	a.created = all
	mapped, err := mapArenas(a.spec.Maps, all, nil)
	if err != nil {
		return err
	}
	a.loader.later(mapped)
	program, err := a.linker.link(a.program)
	if err != nil {
		return err
	}
	if a.hook, err = a.loader.cgroupHook(program); err != nil {
		return err
	}
	if program, a.exact, err = a.handing.prepare(program); err != nil {
		return err
	}
	only := *a.spec
	only.Programs = map[string]*ebpf.ProgramSpec{a.program.Name: program}
	only.Variables = nil
	only.Maps = withoutContents(a.spec.Maps)
	options := ebpf.CollectionOptions{Cache: a.loader.types, MapReplacements: all}
	options.Programs.LogLevel = gatedLevel
	if a.loader.gate == nil {
		options.Programs.LogLevel = ebpf.LogLevelStats
	}
	loaded, err := ebpf.NewCollectionWithOptions(&only, options)
	if said := refusedTypes(err); !a.asked && said != "" {
		a.left = append(a.left, "the program's BTF was left out, which the kernel refuses: "+said)
		only.Programs = map[string]*ebpf.ProgramSpec{a.program.Name: withoutTypes(program)}
		loaded, err = ebpf.NewCollectionWithOptions(&only, options)
	}
	if err != nil {
		return err
	}
	for _, program := range loaded.Programs {
		a.result.said = []byte(program.VerifierLog)
		a.loaded = program
	}
	a.loader.later(loaded)
	return nil
}

// withoutContents copies maps that exist already, so that they are not filled a second time.
func withoutContents(specs map[string]*ebpf.MapSpec) map[string]*ebpf.MapSpec {
	copies := make(map[string]*ebpf.MapSpec, len(specs))
	for name, spec := range specs {
		empty := spec.Copy()
		empty.Contents = nil
		copies[name] = empty
	}
	return copies
}

// handle makes the call that the library has prepared, and shows the library the end of the log, as it reads some
// errors from there.
func (a *attempt) handle(call *loadCall) (fd int, errno unix.Errno) {
	theirs := bytesAt(call.attr.logBuf, int(call.attr.logSize))
	a.asked = true
	if a.hook != 0 {
		call.attr.attachBtfID = uint32(a.hook)
	}
	if a.exact != nil {
		if errno := a.exact.handTo(call); errno != 0 {
			return -1, errno
		}
	}
	call.scratch = a.loader.scratch
	a.result = verify(call, a.keep)
	if a.result.errno == 0 {
		a.transcript.add(call, a.program, a.notes())
	}
	if a.tell {
		a.handed = handedOver(call, a.created)
	}
	end := a.result.words[max(0, len(a.result.words)-len(theirs)+1):]
	copy(theirs, end)
	theirs[len(end)] = 0
	if a.result.errno == unix.ENOSPC {
		// The library would take this one for a log that did not fit, and ask again.
		return -1, unix.EINVAL
	}
	return a.result.fd, a.result.errno
}

// readUngated takes what the library itself tells where there is no gate.
func (a *attempt) readUngated(err error) {
	var refused *ebpf.VerifierError
	if errors.As(err, &refused) {
		a.asked = true
		a.result.said = []byte(strings.Join(refused.Log, "\n"))
		a.result.heed(a.result.said, nil)
		errors.As(err, &a.result.errno)
	}
	a.asked = a.asked || err == nil
	a.result.log = a.keep.cut(a.result.said, nil)
	a.result.stats = parseStats(a.result.said)
}

// reply makes the answer from what came of the attempt.
func (a *attempt) reply(err error) protocol.ProgramReply {
	switch {
	case err == nil:
		reply := a.blank()
		reply.Verdict = protocol.Accept
		return reply
	case !a.asked:
		return a.notAsked(err)
	case a.result.isSilent():
		return a.silent(err)
	default:
		return a.rejected(err)
	}
}

func (a *attempt) rejected(err error) protocol.ProgramReply {
	reply := a.blank()
	stage := protocol.StageLoad
	reply.Verdict, reply.Stage = protocol.Reject, &stage
	reply.Errno = errnoText(a.result.errno)
	reply.Message = a.words(err)
	reply.Source = a.source()
	if poisoned := a.poisoned(reply.Message); len(poisoned) > 0 {
		reply.Message = hasNone(poisoned) + ": " + reply.Message
	}
	if helper := unknownHelper(reply.Message); helper != "" {
		reply.Missing = &helper
	}
	if a.result.log.truncated {
		reply.Message += " (the kernel dropped the end of the log)"
	}
	return reply
}

// source is where in the program the verifier found something wrong, or nil where it did not say so.
func (a *attempt) source() *protocol.Source {
	if a.result.blame == nil {
		return nil
	}
	source := sourceOf(a.program.Instructions, a.result.blame)
	if source != nil {
		source.Trace = string(a.result.trace)
	}
	return source
}

// words are what the loader says of a rejection. For some errors it leaves out what the verifier said, and without the
// gate it takes the statistics for it.
func (a *attempt) words(err error) string {
	refused := (*ebpf.VerifierError)(nil)
	if len(a.result.words) == 0 || (a.loader.gate != nil && errors.As(err, &refused)) {
		return ownWords(err)
	}
	said := bytes.TrimSpace(a.result.words)
	said = said[bytes.LastIndexByte(said, '\n')+1:]
	return object.OneLine(fmt.Sprintf("load program: %v: %s", a.result.errno, said))
}

// poisoned names what an invalid instruction stands for, which the loader puts where it does not find something.
func (a *attempt) poisoned(message string) []string {
	switch {
	case strings.Contains(message, "bad CO-RE relocation") && a.exact != nil:
		return a.handing.poisoned(a.exact)
	case strings.Contains(message, "unknown kfunc"):
		return absentKfuncs(a.program, a.loader.targets())
	}
	return nil
}

// silent is a program that the kernel refused without a word of the verifier.
func (a *attempt) silent(err error) protocol.ProgramReply {
	f := failure{stage: protocol.StageLoad, missing: a.result.unknown}
	if errors.Is(features.HaveProgramType(a.program.Type), ebpf.ErrNotSupported) {
		f.missing = "program type " + names.ProgramType(a.program.Type)
	}
	if f.missing == "" {
		return a.rejected(err)
	}
	return a.unsupported(f, errnoText(a.result.errno), err)
}

// notAsked is a program that could not be prepared.
func (a *attempt) notAsked(err error) protocol.ProgramReply {
	var failedMap *mapError
	if errors.As(err, &failedMap) {
		return a.unsupported(failure{protocol.StageMap, failedMap.missing}, errnoName(err), err)
	}
	return a.unsupported(diagnose(ownWords(err), a.program), errnoName(err), err)
}

func (a *attempt) unsupported(f failure, errno *string, err error) protocol.ProgramReply {
	reply := a.blank()
	reply.Verdict, reply.Stage = protocol.Unsupported, &f.stage
	reply.Errno = errno
	reply.Message = ownWords(err)
	if f.missing != "" {
		reply.Missing = &f.missing
	}
	return reply
}

// blank is an answer with what every answer has.
func (a *attempt) blank() protocol.ProgramReply {
	reply := a.result.reply(a.program.Name, a.program.SectionName, names.ProgramType(a.program.Type))
	reply.Notes = a.notes()
	return reply
}

// notes are what the loader did on its own for the program.
func (a *attempt) notes() []string {
	said := append(a.maps.notes.of(a.spec), a.left...)
	if name := strings.Map(validInName, a.program.Name); name != a.program.Name {
		said = append(said, fmt.Sprintf("the kernel was told the name %q, as it takes no other characters; libbpf would fail", name))
	}
	return said
}

// targets are the types that CO-RE relocates against: the kernel's, then its modules'.
func (l *Loader) targets() []*btf.Spec {
	kernel, err := l.types.Kernel()
	if err != nil {
		return nil
	}
	targets := []*btf.Spec{kernel}
	modules, _ := l.types.Modules()
	for _, name := range modules {
		if module, err := l.types.Module(name); err == nil {
			targets = append(targets, module)
		}
	}
	return targets
}

// validInName drops what the name of a program may not have (bpf_obj_name_cpy in kernel/bpf/syscall.c).
func validInName(char rune) rune {
	if char == '_' || char == '.' || char < 0x80 && (unicode.IsLetter(char) || unicode.IsDigit(char)) {
		return char
	}
	return -1
}
