package loader

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"unicode"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/features"

	"crossbpf/agent/names"
	"crossbpf/agent/object"
	"crossbpf/agent/protocol"
)

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

// validInName drops what the name of a program may not have (bpf_obj_name_cpy in kernel/bpf/syscall.c).
func validInName(char rune) rune {
	if char == '_' || char == '.' || char < 0x80 && (unicode.IsLetter(char) || unicode.IsDigit(char)) {
		return char
	}
	return -1
}
