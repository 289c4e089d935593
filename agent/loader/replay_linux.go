package loader

import (
	"encoding/binary"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"crossbpf/agent/protocol"
	"crossbpf/agent/session"
)

// LoadPrepared loads programs as they were loaded before on a guest of the same snapshot, and answers as Load does. Where
// the kernel does not accept one of them the error has the code `stale`, and Load is to tell why.
func (l *Loader) LoadPrepared(request protocol.LoadRequest, data []byte, answer session.Answer) (protocol.LoadedReply, error) {
	keep, err := limitsOf(request)
	if err != nil {
		return protocol.LoadedReply{}, err
	}
	load, err := unpackLoad(data)
	if err != nil {
		return protocol.LoadedReply{}, protocol.Errorf(protocol.Stale, "not a prepared load: %v", err)
	}
	l.log.Skip()
	r := &replay{load: load, maps: make([]int, len(load.maps)), scratch: l.scratch}
	defer l.later(r)
	for i := range load.programs {
		l.closeDone()
		program := &load.programs[i]
		result, errno := r.run(program, keep)
		if errno != 0 {
			return protocol.LoadedReply{}, protocol.Errorf(protocol.Stale, "%s: %v", program.name, errno)
		}
		reply := result.reply(program.name, program.section, program.kind)
		reply.Verdict = protocol.Accept
		if program.notes != "" {
			reply.Notes = strings.Split(program.notes, "\n")
		}
		if err := answer(reply, result.log.text); err != nil {
			return protocol.LoadedReply{}, err
		}
	}
	return protocol.LoadedReply{Programs: len(load.programs), KernelLog: l.log.Warnings()}, nil
}

// replay makes the calls of a prepared load.
type replay struct {
	load *preparedLoad
	// maps are the descriptors of those that are there; 0 for none.
	maps    []int
	scratch []byte
	// passed are descriptors that nothing will ask for again.
	passed []int
}

// Close closes all that is open.
func (r *replay) Close() {
	for _, fd := range append(r.passed, r.maps...) {
		if fd > 0 {
			_ = unix.Close(fd)
		}
	}
	r.passed, r.maps = nil, nil
}

// run loads one program. Its error is that of the first call that failed.
func (r *replay) run(program *preparedProgram, keep limits) (verification, unix.Errno) {
	r.closePassed()
	for _, use := range program.uses {
		fd, errno := r.open(use.of)
		if errno != 0 {
			return verification{}, errno
		}
		binary.NativeEndian.PutUint32(program.code[use.insn*insnSize+4:], uint32(fd))
	}
	types, errno := r.loadTypes(program.types)
	if errno != 0 {
		return verification{}, errno
	}
	call := program.call(types)
	call.scratch = r.scratch
	result := verify(call, keep)
	runtime.KeepAlive(program)
	if result.errno == 0 {
		r.passed = append(r.passed, result.fd)
	}
	r.leaveMaps(program)
	return result, result.errno
}

// call is the BPF_PROG_LOAD. What it points to is part of the program.
func (p *preparedProgram) call(types int) *loadCall {
	call := &loadCall{kernel: thisKernelAtOnce, size: min(uintptr(len(p.attr)), unsafe.Sizeof(progLoadAttr{}))}
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&call.attr)), call.size), p.attr)
	call.attr.insns = addressOf(p.code)
	call.attr.license = addressOf(p.license)
	call.attr.funcInfo = addressOf(p.functions)
	call.attr.lineInfo = addressOf(p.lineInfo)
	call.attr.progBtfFd = uint32(types)
	return call
}

// open gives a map's descriptor, and creates the map if it is not there yet.
func (r *replay) open(number int) (fd int, errno unix.Errno) {
	if fd := r.maps[number]; fd > 0 {
		return fd, 0
	}
	m := &r.load.maps[number]
	var attr mapCreateAttr
	copy(unsafe.Slice((*byte)(unsafe.Pointer(&attr)), unsafe.Sizeof(attr)), m.attr)
	types, errno := r.loadTypes(m.types)
	if errno != 0 {
		return -1, errno
	}
	attr.btfFd = uint32(types)
	if fd, errno = askAtOnce(unix.BPF_MAP_CREATE, &attr); errno != 0 {
		return -1, errno
	}
	r.maps[number] = fd
	if m.frozen {
		errno = freeze(fd, m.contents)
	}
	return fd, errno
}

// freeze gives a map's first entry its contents, if there are any, and lets user space change it no more.
func freeze(fd int, contents []byte) unix.Errno {
	if len(contents) > 0 {
		key := make([]byte, 4)
		attr := entryAttr{fd: uint32(fd), key: pointerTo(key), value: pointerTo(contents)}
		_, errno := askAtOnce(unix.BPF_MAP_UPDATE_ELEM, &attr)
		if errno != 0 {
			return errno
		}
	}
	attr := struct{ fd uint32 }{uint32(fd)}
	_, errno := askAtOnce(unix.BPF_MAP_FREEZE, &attr)
	return errno
}

// loadTypes gives a descriptor of types by their number, 0 for none. It is closed with the next program.
func (r *replay) loadTypes(number int) (fd int, errno unix.Errno) {
	if number == none {
		return 0, 0
	}
	raw := r.load.types[number-1]
	attr := struct {
		btf, log          unsafe.Pointer
		size, logSize     uint32
		logLevel, trueLog uint32
	}{btf: pointerTo(raw), size: uint32(len(raw))}
	fd, errno = askAtOnce(unix.BPF_BTF_LOAD, &attr)
	if errno == 0 {
		r.passed = append(r.passed, fd)
	}
	return fd, errno
}

// leaveMaps lets go of the maps that no later program uses.
func (r *replay) leaveMaps(program *preparedProgram) {
	for _, use := range program.uses {
		if r.load.maps[use.of].users == 1 && r.maps[use.of] > 0 {
			r.passed = append(r.passed, r.maps[use.of])
			r.maps[use.of] = 0
		}
	}
}

func (r *replay) closePassed() {
	for _, fd := range r.passed {
		_ = unix.Close(fd)
	}
	r.passed = nil
}

// askAtOnce is askKernel without a word to Go's scheduler; see thisKernelAtOnce.
func askAtOnce[T any](command uintptr, attr *T) (result int, errno unix.Errno) {
	value, _, errno := unix.RawSyscall(unix.SYS_BPF, command, uintptr(unsafe.Pointer(attr)), unsafe.Sizeof(*attr))
	if errno != 0 {
		return -1, errno
	}
	return int(value), 0
}
