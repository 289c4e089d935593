package loader

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"crossbpf/agent/object"
	"crossbpf/agent/protocol"
)

// containing are the types of maps that can hold programs. A kernel has each of them belong to programs of one kind: to
// those that use it as well as to those that it holds (bpf_prog_map_compatible in kernel/bpf/core.c, by way of
// map_type_contains_progs). This is what programs by themselves, each with maps of its own, cannot show. Nothing else of
// a load depends on another program.
var containing = []ebpf.MapType{ebpf.ProgramArray, ebpf.DevMap, ebpf.DevMapHash, ebpf.CPUMap}

// wholeObject is the loading of an object as it is shipped: all of its programs, in its order and with maps that they
// share, as libbpf loads it (bpf_object_load in its src/libbpf.c). Programs in sections that begin with a question mark
// are left to who loads them.
type wholeObject struct {
	loader  *Loader
	file    *object.File
	linker  *linker
	handing *handover
	// accepted are the programs that load by themselves.
	accepted []string
}

// note takes down what came of a program by itself.
func (w *wholeObject) note(program string, accepted bool) {
	if accepted {
		w.accepted = append(w.accepted, program)
	}
}

// isTold tells whether the whole can show what its programs by themselves do not. It is not asked about where a request is
// for some programs alone.
func (w *wholeObject) isTold(request protocol.LoadRequest) bool {
	if request.Programs != nil || w.file.Code == nil {
		return false
	}
	users := make(map[string]int)
	for _, name := range w.programs() {
		for _, used := range neededMaps(w.file.Spec, w.file.Spec.Programs[name]) {
			users[used]++
		}
	}
	for name, m := range w.file.Spec.Maps {
		if slices.Contains(containing, m.Type) && (users[name] > 1 || users[name] > 0 && len(m.Contents) > 0) {
			return true
		}
	}
	return false
}

// programs are those that are loaded, in the object's order.
func (w *wholeObject) programs() []string {
	var loaded []string
	for name, program := range w.file.Spec.Programs {
		if !strings.HasPrefix(program.SectionName, "?") && w.file.Code.Functions[name] != nil {
			loaded = append(loaded, name)
		}
	}
	slices.SortFunc(loaded, func(a, b string) int {
		first, second := w.file.Code.Functions[a], w.file.Code.Functions[b]
		return cmp.Or(first.SectionIndex-second.SectionIndex, first.At-second.At)
	})
	return loaded
}

// load loads the whole. It is nil where that says nothing: a program does not load by itself, which is its own answer, or
// there is no memory for all maps at once.
func (w *wholeObject) load() *protocol.ObjectReply {
	programs := w.programs()
	for _, name := range programs {
		if !slices.Contains(w.accepted, name) {
			return nil
		}
	}
	w.loader.closeDone()
	shared, err := w.createMaps(programs)
	if errors.Is(err, unix.ENOMEM) {
		return nil
	}
	if err != nil {
		return refusedObject("maps", errnoName(err), ownWords(err))
	}
	w.loader.later(shared)
	loaded := make(map[string]*ebpf.Program)
	for _, name := range programs {
		reply, program := w.loadProgram(name, shared)
		if program == nil {
			return reply
		}
		loaded[name] = program
	}
	return w.fillArrays(shared, loaded)
}

// createMaps makes the maps of all programs, with what they begin with but for programs.
func (w *wholeObject) createMaps(programs []string) (*sharedMaps, error) {
	all, err := together(w.file.Spec, Selection{Programs: programs})
	if err != nil {
		return nil, err
	}
	notes := complete(w.file)
	plain := *all
	plain.Programs, plain.Maps = nil, plainMaps(all.Maps)
	created, err := createMaps(&plain, w.loader.types, notes)
	if err != nil {
		return nil, err
	}
	defer created.Close()
	shared := w.loader.newSharedMaps(w.file.Spec, notes)
	for name := range created.Maps {
		shared.kept[name] = created.DetachMap(name)
	}
	return shared, nil
}

// loadProgram loads one of the programs, which is nil where the kernel refuses it; the reply is nil too where it had no
// memory for it.
func (w *wholeObject) loadProgram(name string, shared *sharedMaps) (*protocol.ObjectReply, *ebpf.Program) {
	one := separate(w.file.Spec, name)
	a := &attempt{
		loader: w.loader, spec: one, program: one.Programs[name], maps: shared, linker: w.linker, handing: w.handing,
		keep: limits{head: wholeLog / 2, tail: wholeLog / 2},
	}
	err := a.run()
	if err == nil {
		return nil, a.loaded
	}
	if a.starved(err) != nil {
		return nil, nil
	}
	said := a.reply(err)
	reply := refusedObject("program "+name, said.Errno, said.Message)
	reply.Log = string(a.result.log.text)
	return reply, nil
}

// wholeLog is how many bytes of a log are told.
const wholeLog = 64 << 10

// fillArrays puts programs into the arrays that are declared with them.
func (w *wholeObject) fillArrays(shared *sharedMaps, programs map[string]*ebpf.Program) *protocol.ObjectReply {
	for name, m := range w.file.Spec.Maps {
		array := shared.kept[name]
		if array == nil || !holdsPrograms(m.Type) {
			continue
		}
		for _, entry := range m.Contents {
			held, _ := entry.Value.(string)
			if programs[held] == nil {
				continue
			}
			if err := array.Put(entry.Key, programs[held]); err != nil {
				words := fmt.Sprintf("put program %s at %v: %v", held, entry.Key, err)
				return refusedObject("map "+name, errnoName(err), object.OneLine(words))
			}
		}
	}
	return &protocol.ObjectReply{Verdict: protocol.Accept}
}

func refusedObject(failed string, errno *string, message string) *protocol.ObjectReply {
	return &protocol.ObjectReply{Verdict: protocol.Reject, Failed: failed, Errno: errno, Message: message}
}
