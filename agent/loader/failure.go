package loader

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"

	"crossbpf/agent/names"
	"crossbpf/agent/object"
	"crossbpf/agent/protocol"
)

// failure is why a program could not be brought before the verifier.
type failure struct {
	stage   string
	missing string // "" where no name for it is known
}

// preparation maps how cilium/ebpf begins its errors to what it was doing. Its steps have no error types of their own.
// The errors come from newProgramWithOptions in prog.go.
var preparation = []struct{ text, stage string }{
	{"apply CO-RE relocations: ", protocol.StageRelocate},
	{"resolve .kconfig: ", protocol.StageRelocate},
	{"resolve .ksyms: ", protocol.StageRelocate},
	{"fixing up kfuncs: ", protocol.StageRelocate},
	{"marshal ext_infos: ", protocol.StageBTF},
	{"load BTF: ", protocol.StageBTF},
	{"attach ", protocol.StageAttachTarget},
	{"lookup struct_ops ", protocol.StageAttachTarget},
	{"member ", protocol.StageAttachTarget},
}

var (
	kfuncName    = regexp.MustCompile(`kfunc "([^"]+)"`)
	symbolNames  = regexp.MustCompile(`(?:kernel is missing symbol|resolve required ksyms): ([^:]+)`)
	variableName = regexp.MustCompile(`variable "([^"]+)" of the kernel has another type`)
	configName   = regexp.MustCompile(`config option "([^"]+)" does not exist`)
	externName   = regexp.MustCompile(`symbol "([^"]+)": unsatisfied program reference`)
	memberName   = regexp.MustCompile(`member "([^"]+)" not found in (\S+)`)
)

// diagnose says what an error means that came before the verifier was asked. The message is the loader's own.
func diagnose(message string, program *ebpf.ProgramSpec) failure {
	found := failure{stage: protocol.StageLoad}
	for _, step := range preparation {
		if strings.HasPrefix(message, step.text) {
			found.stage = step.stage
			break
		}
	}
	switch {
	case kfuncName.MatchString(message):
		found.missing = "kfunc " + kfuncName.FindStringSubmatch(message)[1]
		if strings.Contains(message, "incompatible types") {
			found.missing += " with this signature"
		}
	case symbolNames.MatchString(message):
		found.missing = "kernel symbol " + symbolNames.FindStringSubmatch(message)[1]
	case variableName.MatchString(message):
		found.missing = "kernel symbol " + variableName.FindStringSubmatch(message)[1] + " of this type"
	case configName.MatchString(message):
		found.missing = "kernel option " + configName.FindStringSubmatch(message)[1]
	case strings.Contains(message, "cannot find a kconfig file"):
		found.missing = "kernel configuration in /boot/config-RELEASE or /proc/config.gz"
	case memberName.MatchString(message):
		match := memberName.FindStringSubmatch(message)
		found.missing = "struct_ops member " + match[2] + "." + match[1]
	case externName.MatchString(message):
		found.missing = "function " + externName.FindStringSubmatch(message)[1] + " in the object"
	case found.stage == protocol.StageAttachTarget && isAbsence(message):
		found.missing = AttachTarget(program)
	case strings.Contains(message, "no BTF found for kernel"):
		found.missing = "kernel BTF"
	}
	return found
}

var unknownFunction = regexp.MustCompile(`invalid func unknown#(\d{1,4})\b`)

// unknownHelper names the helper that a verifier knows only the number of: "helper bpf_ringbuf_reserve_dynptr".
func unknownHelper(message string) string {
	match := unknownFunction.FindStringSubmatch(message)
	if match == nil {
		return ""
	}
	number, err := strconv.ParseUint(match[1], 10, 32)
	if err != nil {
		return ""
	}
	return "helper " + names.Helper(asm.BuiltinFunc(number))
}

// isAbsence tells that something was looked for and is not there.
func isAbsence(message string) bool {
	return strings.Contains(message, "not supported") || strings.HasSuffix(message, "not found")
}

// AttachTarget names what a program attaches to: "kernel function tcp_connect".
func AttachTarget(program *ebpf.ProgramSpec) string {
	target := program.AttachTo
	switch program.Type {
	case ebpf.StructOps:
		ops, _, _ := strings.Cut(target, ":")
		return "struct_ops " + ops
	case ebpf.LSM:
		return "LSM hook " + target
	case ebpf.Extension:
		return "program with function " + target + " to extend"
	}
	switch program.AttachType {
	case ebpf.AttachTraceRawTp:
		return "tracepoint " + target
	case ebpf.AttachTraceIter:
		return "iterator " + target
	case ebpf.AttachTraceFEntry, ebpf.AttachTraceFExit, ebpf.AttachModifyReturn:
		return "kernel function " + target
	}
	return names.AttachType(program.AttachType, program.Type) + " " + target
}

var (
	omittedLines = regexp.MustCompile(` \(\d+ line\(s\) omitted\)`)
	programWords = regexp.MustCompile(`^(?:program \S+: )+`)
)

// ownWords makes one line of an error of the loader, without what repeats the program's name or counts log lines.
func ownWords(err error) string {
	text := object.OneLine(err.Error())
	return programWords.ReplaceAllString(omittedLines.ReplaceAllString(text, ""), "")
}
