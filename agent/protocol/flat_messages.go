package protocol

import (
	"slices"
	"strconv"
)

// members are the names that plain requests have. Each takes those of its own, and leaves the others.
var members = []string{
	"type", "id", "protocol", "clock", "entropy", "jit", "name", "logHead", "logTail", "logInsns", "prepare",
}

func isOfAnother(name string) bool { return slices.Contains(members, name) }

func (r *Request) set(name string, value []byte) bool {
	switch name {
	case "type":
		return setString(&r.Type, value)
	case "id":
		return setUint(&r.ID, value)
	}
	return isOfAnother(name)
}

func (r *HelloRequest) set(name string, value []byte) bool {
	switch name {
	case "protocol":
		return setInt(&r.Protocol, value)
	case "clock":
		return setStringPointer(&r.Clock, value)
	case "entropy":
		return setStringPointer(&r.Entropy, value)
	case "jit":
		r.JIT = new(bool)
		return setBool(r.JIT, value)
	}
	return isOfAnother(name)
}

func (r *LoadRequest) set(name string, value []byte) bool {
	switch name {
	case "name":
		return setString(&r.Name, value)
	case "logHead":
		return setInt(&r.LogHead, value)
	case "logTail":
		return setInt(&r.LogTail, value)
	case "logInsns":
		return setUint(&r.LogInsns, value)
	case "prepare":
		return setBool(&r.Prepare, value)
	}
	return isOfAnother(name)
}

func (r HelloReply) write(w *flatWriter) bool {
	w.string("type", r.Type)
	w.uint("id", r.ID)
	w.uint("protocol", uint64(r.Protocol))
	w.name("agent")
	w.text = append(w.text, '{')
	w.string("version", r.Agent.Version)
	w.string("os", r.Agent.OS)
	w.string("arch", r.Agent.Arch)
	w.end()
	w.name("kernel")
	w.text = append(w.text, '{')
	w.string("release", r.Kernel.Release)
	w.string("build", r.Kernel.Build)
	w.string("machine", r.Kernel.Machine)
	w.end()
	w.null("runtime")
	w.bool("btf", r.BTF)
	w.bool("jit", r.JIT)
	w.name("warnings")
	w.text = append(w.text, "[]"...)
	return r.Runtime == nil && r.Warnings != nil && len(r.Warnings) == 0 && r.Protocol >= 0
}

// write writes what is said of an accepted program.
func (r ProgramReply) write(w *flatWriter) bool {
	w.string("type", r.Type)
	w.uint("id", r.ID)
	w.string("name", r.Name)
	w.string("section", r.Section)
	w.string("programType", r.ProgramType)
	w.string("verdict", r.Verdict)
	w.null("errno")
	w.string("message", r.Message)
	w.null("stage")
	w.null("missing")
	w.uintPointer("insns", r.Insns)
	w.uintPointer("peakStates", r.PeakStates)
	w.uintPointer("totalStates", r.TotalStates)
	w.name("stackDepths")
	w.text = append(w.text, '[')
	for i, depth := range r.StackDepths {
		if i > 0 {
			w.text = append(w.text, ',')
		}
		w.text = strconv.AppendUint(w.text, depth, 10)
	}
	w.text = append(w.text, ']')
	w.null("source")
	w.uint("logBytes", uint64(r.LogBytes))
	w.uint("logOmitted", uint64(r.LogOmitted))
	w.uint("loadNs", uint64(r.LoadNs))
	isAccepted := r.Errno == nil && r.Stage == nil && r.Missing == nil && r.Source == nil && r.Analysis == nil
	return isAccepted && r.Handed == nil && r.Origin == "" && r.NotLoaded == "" && len(r.Notes) == 0 && r.StackDepths != nil &&
		r.LogBytes >= 0 && r.LogOmitted >= 0 && r.LoadNs >= 0
}

func (r LoadedReply) write(w *flatWriter) bool {
	w.string("type", r.Type)
	w.uint("id", r.ID)
	w.uint("programs", uint64(r.Programs))
	w.name("kernelLog")
	w.text = append(w.text, "[]"...)
	return r.Programs >= 0 && r.KernelLog != nil && len(r.KernelLog) == 0 && r.Object == nil
}
