package protocol

import (
	"encoding/json"
	"fmt"
)

// Version is the protocol's version; `harness/agent/messages.ts` has the same.
const Version = 3

// Request is what every request has in common; the rest is decoded once the type is known.
type Request struct {
	Type string `json:"type"`
	ID   uint64 `json:"id"`
}

// HelloRequest is the first on every connection, and comes again after a guest was restored.
type HelloRequest struct {
	Protocol int `json:"protocol"`
	// Clock is the wall clock to set, in nanoseconds since 1970, as a decimal string; PID 1 only.
	Clock *string `json:"clock"`
	// Entropy is bytes for the kernel's random pool, in hex; PID 1 only.
	Entropy *string `json:"entropy"`
	// JIT turns the BPF JIT on or off; nil leaves it as it is.
	JIT *bool `json:"jit"`
}

// LoadRequest asks to load each program of the attached object by itself.
type LoadRequest struct {
	Name string `json:"name"`
	// Programs names the programs to load; nil means all.
	Programs []string `json:"programs"`
	// Variables are set first, so that those of .rodata count as constants.
	Variables []Variable `json:"variables"`
	// Types are those of programs whose section does not say it, by their names.
	Types map[string]string `json:"types"`
	// LogHead and LogTail are how many bytes of a log to keep from its start and from its end.
	LogHead int `json:"logHead"`
	LogTail int `json:"logTail"`
	// LogInsns is beyond how many processed instructions only the last words of a log are wanted; 0 means never.
	LogInsns uint64 `json:"logInsns"`
	// Prepare asks for a prepared load along with the answers.
	Prepare bool `json:"prepare"`
	// Instructions asks for what is handed to the kernel along with the answers.
	Instructions bool `json:"instructions"`
}

// AgentFacts describe the agent's binary.
type AgentFacts struct {
	Version string `json:"version"`
	OS      string `json:"os"`
	Arch    string `json:"arch"`
}

// KernelFacts are what uname says: Release -r, Build -v, Machine -m.
type KernelFacts struct {
	Release string `json:"release"`
	Build   string `json:"build"`
	Machine string `json:"machine"`
}

// RuntimeFacts describe what runs BPF programs where that is not the kernel itself.
type RuntimeFacts struct {
	// Name is what it calls itself: "eBPF for Windows".
	Name    string `json:"name"`
	Version string `json:"version"`
}

// HelloReply describes the machine that the agent runs on.
type HelloReply struct {
	Type     string      `json:"type"`
	ID       uint64      `json:"id"`
	Protocol int         `json:"protocol"`
	Agent    AgentFacts  `json:"agent"`
	Kernel   KernelFacts `json:"kernel"`
	// Runtime is nil on Linux.
	Runtime *RuntimeFacts `json:"runtime"`
	BTF     bool          `json:"btf"`
	JIT     bool          `json:"jit"`
	// Warnings are what the agent could not set up, in words.
	Warnings []string `json:"warnings"`
}

// Verdicts on a program. Accept and Reject are the verifier's own; with Unsupported it was not asked, as something
// that the program needs is not there.
const (
	Accept      = "accept"
	Reject      = "reject"
	Unsupported = "unsupported"
)

// Stages at which a program can fail.
const (
	StageMap          = "map"
	StageBTF          = "btf"
	StageRelocate     = "relocate"
	StageAttachTarget = "attach-target"
	StageLoad         = "load"
)

// Origins of an answer on a program.
const (
	// FromKernel means that Linux loaded the program, or refused to.
	FromKernel = "kernel"
	// FromVerifier means that a verifier alone was asked: nothing was loaded.
	FromVerifier = "verifier"
	// FromNative means that the program was loaded as a native image, FromJIT that its instructions were.
	FromNative = "native"
	FromJIT    = "jit"
)

// Analysis is what a verifier of eBPF for Windows counts (ebpf_api_verifier_stats_t of include/ebpf_api.h).
type Analysis struct {
	Unreachable  int32 `json:"unreachable"`
	Warnings     int32 `json:"warnings"`
	MaxLoopCount int32 `json:"maxLoopCount"`
}

// ProgramReply is what the kernel said of one program; the verifier's log is attached.
type ProgramReply struct {
	Type        string `json:"type"`
	ID          uint64 `json:"id"`
	Name        string `json:"name"`
	Section     string `json:"section"`
	ProgramType string `json:"programType"`
	Verdict     string `json:"verdict"`
	// Errno is an error's name, EINVAL; nil for an accepted program or where no system call failed.
	Errno *string `json:"errno"`
	// Message is the loader's own words; empty for an accepted program.
	Message string  `json:"message"`
	Stage   *string `json:"stage"`
	Missing *string `json:"missing"`
	// The verifier's statistics; nil where it gave none.
	Insns       *uint64 `json:"insns"`
	PeakStates  *uint64 `json:"peakStates"`
	TotalStates *uint64 `json:"totalStates"`
	// StackDepths are in bytes by subprogram, the main program first.
	StackDepths []uint64 `json:"stackDepths"`
	// Source is where in the program of a rejection the verifier found something wrong; nil where it did not say so.
	Source *Source `json:"source"`
	// Origin says how the answer came about; empty means FromKernel.
	Origin string `json:"origin,omitempty"`
	// NotLoaded says why an accepted program was only verified; empty where it was loaded.
	NotLoaded string `json:"notLoaded,omitempty"`
	// Analysis is nil on Linux.
	Analysis *Analysis `json:"analysis,omitempty"`
	// Handed is nil where it was not asked for, where the kernel was not asked, and where the call could not be seen.
	Handed *HandedProgram `json:"handed,omitempty"`
	// Notes are what the loader did on its own, so that the program could be loaded: sizes that it supplied, types that it
	// left out.
	Notes []string `json:"notes,omitempty"`
	// LogBytes is the size of the log, of which LogOmitted were left out after its first logHead bytes.
	LogBytes   int64 `json:"logBytes"`
	LogOmitted int64 `json:"logOmitted"`
	// LoadNs is how long the BPF_PROG_LOAD that gave the verdict took, in nanoseconds.
	LoadNs int64 `json:"loadNs"`
}

// HandedProgram is what the kernel was given with one BPF_PROG_LOAD.
type HandedProgram struct {
	// Instructions are of 8 bytes each, in the machine's byte order, subprograms included.
	Instructions []byte `json:"instructions"`
	// Maps are those that instructions refer to, whose field for a descriptor is 0.
	Maps []MapReference `json:"maps"`
	// Type, AttachType, Flags and AttachBtfID are numbers of the kernel's (prog_type, expected_attach_type, prog_flags,
	// attach_btf_id of union bpf_attr).
	Type        uint32 `json:"type"`
	AttachType  uint32 `json:"attachType"`
	Flags       uint32 `json:"flags"`
	AttachBtfID uint32 `json:"attachBtfId"`
	// Functions and Lines count the records of func_info and line_info.
	Functions uint32 `json:"functions"`
	Lines     uint32 `json:"lines"`
}

// MapReference is an instruction, by its number, that loads the address of a map or of its value.
type MapReference struct {
	Insn int    `json:"insn"`
	Name string `json:"name"`
}

// Source is a place in a program.
type Source struct {
	// Insn is the instruction's number as the verifier counts: over the program and the subprograms behind it, a load
	// of 64 bits as two.
	Insn int `json:"insn"`
	// Function is the name of the function that it belongs to; "" where the object has no names.
	Function string `json:"function"`
	// At is nil where the object has no information on lines.
	At *Location `json:"at"`
	// Trace is the end of the verifier's most verbose log, as far as the error, of kernels before 5.17: their log proper
	// does not tell the state of registers. Else it is "".
	Trace string `json:"trace"`
}

// Location is a place in a source file.
type Location struct {
	// File is as the compiler named it.
	File string `json:"file"`
	// Line and Column count from 1; a Column of 0 is not known.
	Line   uint32 `json:"line"`
	Column uint32 `json:"column"`
	// Text is the line itself; "" where the compiler did not have it.
	Text string `json:"text"`
}

// LoadedReply ends a load: how many programs were answered, and what the kernel warned of meanwhile.
type LoadedReply struct {
	Type      string   `json:"type"`
	ID        uint64   `json:"id"`
	Programs  int      `json:"programs"`
	KernelLog []string `json:"kernelLog"`
	// Object is nil where loading the object as a whole could show nothing new.
	Object *ObjectReply `json:"object,omitempty"`
	// Prepared is attached: what the load came to, if that was asked for and can be done again; else nil.
	Prepared []byte `json:"-"`
}

// ObjectReply is how an object as a whole loads: all of its programs, with the maps that they share.
type ObjectReply struct {
	// Verdict is Accept or Reject.
	Verdict string `json:"verdict"`
	// Failed is what the load ended with, "program first" or "map jumps"; empty where it was accepted.
	Failed  string  `json:"failed"`
	Errno   *string `json:"errno"`
	Message string  `json:"message"`
	// Log is the verifier's, of the program that it ended with.
	Log string `json:"log"`
}

// Codes of an ErrorReply.
const (
	BadObject  = "bad-object"
	BadRequest = "bad-request"
	Protocol   = "protocol"
	Internal   = "internal"
	// NotReady means that the machine lacks something, which Hint says how to bring about.
	NotReady = "not-ready"
	// Stale means that a prepared load does not go as it did before.
	Stale = "stale"
)

// ErrorReply says why a request could not be carried out.
type ErrorReply struct {
	Type    string `json:"type"`
	ID      uint64 `json:"id"`
	Code    string `json:"code"`
	Message string `json:"message"`
	// Hint says what to do about it; empty for nothing in particular.
	Hint string `json:"hint,omitempty"`
}

// ByeReply is the last thing that an agent says.
type ByeReply struct {
	Type string `json:"type"`
	ID   uint64 `json:"id"`
}

// Error is an error that has a code for the harness. Every other error is an internal one.
type Error struct {
	Code    string
	Message string
	// Hint says what to do about it; may be empty.
	Hint string
}

func (e *Error) Error() string { return e.Message }

// Errorf makes an Error with the given code.
func Errorf(code, format string, arguments ...any) *Error {
	return &Error{Code: code, Message: fmt.Sprintf(format, arguments...)}
}

// Decode reads a message into the given struct. Unknown fields are left alone, wrong types are a bad request.
func Decode[T any](message []byte) (T, error) {
	var value T
	if plain, isPlain := any(&value).(plainReader); isPlain && readFlat(message, plain) {
		return value, nil
	}
	var whole T
	if err := json.Unmarshal(message, &whole); err != nil {
		return whole, Errorf(BadRequest, "not a message: %v", err)
	}
	return whole, nil
}
