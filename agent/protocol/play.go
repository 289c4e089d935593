package protocol

import (
	"encoding/hex"
	"encoding/json"
)

// Bytes are hex digits in JSON.
type Bytes []byte

// MarshalJSON writes no bytes as an empty text.
func (b Bytes) MarshalJSON() ([]byte, error) { return json.Marshal(hex.EncodeToString(b)) }

// UnmarshalJSON leaves a null as nil.
func (b *Bytes) UnmarshalJSON(text []byte) error {
	var digits *string
	if err := json.Unmarshal(text, &digits); err != nil || digits == nil {
		return err
	}
	decoded, err := hex.DecodeString(*digits)
	*b = decoded
	return err
}

// PlayRequest asks to load programs of the attached object together, and to carry out steps in order.
type PlayRequest struct {
	Name string `json:"name"`
	// Programs are those that steps use, and those that program arrays shall hold.
	Programs []string `json:"programs"`
	// Types are those of programs whose section does not say it, by their names.
	Types map[string]string `json:"types"`
	// Variables are set before the programs are loaded.
	Variables []Variable `json:"variables"`
	Steps     []Step     `json:"steps"`
	// Dumps names the maps to read at the end.
	Dumps []string `json:"dumps"`
	// DumpEntries and DumpBytes are the largest map that is read.
	DumpEntries int `json:"dumpEntries"`
	DumpBytes   int `json:"dumpBytes"`
	// StepTimeoutMs is how many milliseconds one step may take.
	StepTimeoutMs int `json:"stepTimeoutMs"`
	// ObjectBytes is how much of the attachment is the object; the files follow, in order.
	ObjectBytes int        `json:"objectBytes"`
	Files       []FileInfo `json:"files"`
}

// Variable is a part of a section of variables.
type Variable struct {
	Section string `json:"section"`
	Offset  int    `json:"offset"`
	Bytes   Bytes  `json:"bytes"`
}

// FileInfo is a file of a scenario, whose bytes are attached.
type FileInfo struct {
	Name  string `json:"name"`
	Bytes int    `json:"bytes"`
}

// Kinds of a Step.
const (
	StepRun          = "run"
	StepAttach       = "attach"
	StepDetach       = "detach"
	StepTrigger      = "trigger"
	StepDump         = "dump"
	StepLookup       = "lookup"
	StepLookupDelete = "lookup-delete"
	StepUpdate       = "update"
	StepDelete       = "delete"
	StepRecords      = "records"
	StepText         = "text"
	StepTrace        = "trace"
)

// Step is one thing to do. Each kind has some of the fields.
type Step struct {
	Kind    string `json:"kind"`
	Program string `json:"program"`
	// Data, Ctx, Repeat, CPU and DataOutBytes are for BPF_PROG_TEST_RUN.
	Data         Bytes   `json:"data"`
	Ctx          Bytes   `json:"ctx"`
	Repeat       uint32  `json:"repeat"`
	CPU          *uint32 `json:"cpu"`
	DataOutBytes int     `json:"dataOutBytes"`
	// As is the name of an attachment.
	As     string        `json:"as"`
	Target *AttachTarget `json:"target"`
	Event  *Event        `json:"event"`
	Map    string        `json:"map"`
	// Key is nil for none.
	Key    Bytes   `json:"key"`
	Values []Bytes `json:"values"`
	Flags  uint64  `json:"flags"`
	// Max is how many records, MaxBytes how much text is wanted.
	Max      int `json:"max"`
	MaxBytes int `json:"maxBytes"`
}

// Places of an AttachTarget.
const (
	AtKprobe        = "kprobe"
	AtTracepoint    = "tracepoint"
	AtRawTracepoint = "raw-tracepoint"
	AtInterface     = "interface"
	AtNetfilter     = "netfilter"
	AtCgroup        = "cgroup"
	AtPerfEvent     = "perf-event"
	AtUprobe        = "uprobe"
	AtSocket        = "socket"
	AtMap           = "map"
)

// AttachTarget is where a program is attached. Each place has some of the fields.
type AttachTarget struct {
	At        string `json:"at"`
	Symbol    string `json:"symbol"`
	Offset    uint64 `json:"offset"`
	Group     string `json:"group"`
	Name      string `json:"name"`
	Interface string `json:"interface"`
	// Direction is ingress, egress or empty.
	Direction string `json:"direction"`
	Hook      string `json:"hook"`
	Priority  int32  `json:"priority"`
	Hertz     uint64 `json:"hertz"`
	File      string `json:"file"`
	Map       string `json:"map"`
}

// Events that a step can trigger.
const (
	EventExec   = "exec"
	EventOpen   = "open"
	EventUDP    = "udp"
	EventTCP    = "tcp"
	EventSignal = "signal"
	EventSleep  = "sleep"
)

// Event is something that happens on the machine. Each has some of the fields.
type Event struct {
	What string `json:"what"`
	// File is a file of the scenario, or nil for the agent's own program.
	File      *string  `json:"file"`
	Arguments []string `json:"arguments"`
	Path      string   `json:"path"`
	// Via is veth or lo; Direction is in (or empty) or out.
	Via          string `json:"via"`
	Direction    string `json:"direction"`
	Port         uint16 `json:"port"`
	Payload      Bytes  `json:"payload"`
	Count        int    `json:"count"`
	Signal       string `json:"signal"`
	Milliseconds int    `json:"milliseconds"`
	// MaxBytes is how much is read of a file that is opened.
	MaxBytes int `json:"maxBytes"`
	// Congestion is the congestion control of a TCP connection; empty leaves it to the system.
	Congestion string `json:"congestion"`
}

// Entry is a key with its value, or with its values by processor. Key is nil where there is none.
type Entry struct {
	Key    *Bytes  `json:"key"`
	Values []Bytes `json:"values"`
}

// StepReply is what came of one step. Fields that its kind does not have are nil.
type StepReply struct {
	Type  string `json:"type"`
	ID    uint64 `json:"id"`
	Index int    `json:"index"`
	OK    bool   `json:"ok"`
	// Errno is an error's name, E2BIG; nil when no system call failed.
	Errno *string `json:"errno"`
	// Message says what failed; empty when nothing did.
	Message string `json:"message"`
	// Unsupported tells that this platform has nothing like the step, which was not tried.
	Unsupported bool    `json:"unsupported,omitempty"`
	Retval      *uint32 `json:"retval,omitempty"`
	DataOut     *Bytes  `json:"dataOut,omitempty"`
	CtxOut      *Bytes  `json:"ctxOut,omitempty"`
	// RunNs is as the kernel measured it, for one of several repetitions.
	RunNs   *uint32  `json:"runNs,omitempty"`
	Entries *[]Entry `json:"entries,omitempty"`
	Records *[]Bytes `json:"records,omitempty"`
	// Lost counts records that did not fit.
	Lost *uint64 `json:"lost,omitempty"`
	Text *string `json:"text,omitempty"`
	// Truncated tells that there was more.
	Truncated *bool `json:"truncated,omitempty"`
	// ExitCode is of a program that a trigger ran: its code, or 128 and the signal.
	ExitCode *int `json:"exitCode,omitempty"`
	// Received counts datagrams that arrived.
	Received *int `json:"received,omitempty"`
}

// DumpReply is a map at the end of a scenario.
type DumpReply struct {
	Type    string  `json:"type"`
	ID      uint64  `json:"id"`
	Map     string  `json:"map"`
	OK      bool    `json:"ok"`
	Errno   *string `json:"errno"`
	Message string  `json:"message"`
	Entries []Entry `json:"entries"`
}

// PlayedReply ends a scenario.
type PlayedReply struct {
	Type string `json:"type"`
	ID   uint64 `json:"id"`
	// Failure says why no step was carried out; empty when they were.
	Failure string `json:"failure"`
	// Errno is that of the failure, EINVAL; nil where no system call failed.
	Errno     *string  `json:"errno"`
	KernelLog []string `json:"kernelLog"`
}
