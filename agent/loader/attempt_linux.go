package loader

import (
	"errors"
	"fmt"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"golang.org/x/sys/unix"

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
