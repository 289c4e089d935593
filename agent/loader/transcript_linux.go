package loader

import (
	"bytes"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"unsafe"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/unix"

	"crossbpf/agent/names"
)

// errUnprepared is a load that cannot be prepared, as it refers to more than can be written down.
var errUnprepared = errors.New("it cannot be prepared")

// preparable are the types of maps besides those that can be shared of which the kernel tells all that it takes to create
// another one. Those that hold maps take an example, those of devices get flags from the kernel itself, and those of
// struct_ops and arenas are more than their attribute.
var preparable = []ebpf.MapType{
	ebpf.ProgramArray, ebpf.CGroupArray, ebpf.CPUMap, ebpf.XSKMap, ebpf.SockMap, ebpf.SockHash, ebpf.ReusePortSockArray,
	ebpf.CGroupStorage, ebpf.PerCPUCGroupStorage, ebpf.SkStorage, ebpf.InodeStorage, ebpf.TaskStorage, ebpf.CgroupStorage,
	ebpf.UserRingbuf,
}

// What the source register of a load of 64 bits says that the number is (include/uapi/linux/bpf.h).
const pseudoMapFd, pseudoMapValue, pseudoBtfID = 1, 2, 3

// transcript writes down how programs are loaded that the kernel accepts. A nil one writes down nothing.
type transcript struct {
	load preparedLoad
	// types and maps tell by the kernel's own numbers what has been written down.
	types, maps map[uint32]int
	err         error
}

func newTranscript() *transcript {
	return &transcript{types: make(map[uint32]int), maps: make(map[uint32]int)}
}

// packed is the whole, or nil where something cannot be prepared.
func (t *transcript) packed() []byte {
	if t == nil || t.err != nil || len(t.load.programs) == 0 {
		return nil
	}
	return t.load.pack()
}

// refuse notes that an answer was one that cannot be prepared.
func (t *transcript) refuse() {
	if t != nil {
		t.err = errUnprepared
	}
}

// add writes down a call that the kernel has just accepted, while its descriptors are open.
func (t *transcript) add(call *loadCall, program *ebpf.ProgramSpec, notes []string) {
	if t != nil && t.err == nil {
		t.err = t.addProgram(call, program, notes)
	}
}

func (t *transcript) addProgram(call *loadCall, spec *ebpf.ProgramSpec, notes []string) (err error) {
	attr := call.attr
	if attr.refersElsewhere() {
		return errUnprepared
	}
	program := preparedProgram{
		name: spec.Name, section: spec.SectionName, kind: names.ProgramType(spec.Type),
		notes:     strings.Join(notes, "\n"),
		code:      bytes.Clone(call.code()),
		license:   append([]byte(spec.License), 0),
		functions: bytes.Clone(bytesAt(attr.funcInfo, int(attr.funcInfoCnt*attr.funcInfoRecSize))),
		lineInfo:  bytes.Clone(bytesAt(attr.lineInfo, int(attr.lineInfoCnt*attr.lineInfoRecSize))),
	}
	if attr.progBtfFd != 0 {
		if program.types, err = t.addTypes(int(attr.progBtfFd)); err != nil {
			return err
		}
	}
	if program.uses, err = t.addMaps(program.code); err != nil {
		return err
	}
	attr.forgetProcess()
	program.attr = bytes.Clone(unsafe.Slice((*byte)(unsafe.Pointer(&attr)), call.size))
	t.load.programs = append(t.load.programs, program)
	return nil
}

// addMaps writes down the maps that a program's instructions name, and which.
func (t *transcript) addMaps(code bytecode) (uses []mapUse, err error) {
	used := make(map[int]bool)
	for i, one := range code.all() {
		switch {
		case one.op() == opCall && one.source() == pseudoKfuncCall && one.offset() != 0:
			return nil, errUnprepared // of a module
		case one.op() != opLoad64 || one.source() == 0 || one.source() == pseudoFunc:
			continue
		case one.source() == pseudoBtfID:
			if code.at(i+1).immediate() != 0 {
				return nil, errUnprepared // of a module
			}
			continue
		case one.source() != pseudoMapFd && one.source() != pseudoMapValue:
			return nil, errUnprepared
		}
		number, err := t.addMap(one.immediate())
		if err != nil {
			return nil, err
		}
		if !used[number] {
			used[number] = true
			t.load.maps[number].users++
		}
		uses = append(uses, mapUse{insn: i, of: number})
	}
	return uses, nil
}

func (t *transcript) addMap(fd int) (number int, err error) {
	var info mapInfo
	if err := infoOf(fd, &info); err != nil {
		return 0, err
	}
	if number, found := t.maps[info.id]; found {
		return number, nil
	}
	kind := ebpf.MapType(info.mapType)
	isKnown := slices.Contains(shareable, kind) || slices.Contains(preparable, kind)
	if !isKnown || info.btfVmlinuxValueTypeID != 0 || info.ifindex != 0 || info.flags&unix.BPF_F_NUMA_NODE != 0 {
		return 0, errUnprepared
	}
	m := preparedMap{attr: info.asAttribute()}
	if info.btfID != 0 {
		if m.types, err = t.addTypesOf(info.btfID); err != nil {
			return 0, err
		}
	}
	if m.frozen, err = isFrozen(fd); err != nil {
		return 0, err
	}
	// The verifier reads values of a map that cannot change. Of others it reads none.
	if m.frozen && kind == ebpf.Array && info.maxEntries == 1 {
		if m.contents, err = firstEntry(fd, info.valueSize); err != nil {
			return 0, err
		}
	}
	number = len(t.load.maps)
	t.load.maps = append(t.load.maps, m)
	t.maps[info.id] = number
	return number, nil
}

// asAttribute is how a map of this kind is created, but for its types.
func (i *mapInfo) asAttribute() []byte {
	attr := mapCreateAttr{
		mapType: i.mapType, keySize: i.keySize, valueSize: i.valueSize, maxEntries: i.maxEntries,
		mapFlags: i.flags, mapName: i.name, mapExtra: i.mapExtra,
		btfKeyTypeID: i.btfKeyTypeID, btfValueTypeID: i.btfValueTypeID,
	}
	return bytes.Clone(unsafe.Slice((*byte)(unsafe.Pointer(&attr)), unsafe.Sizeof(attr)))
}

// addTypes writes down the types behind a descriptor. Its number counts from 1.
func (t *transcript) addTypes(fd int) (number int, err error) {
	var info btfInfo
	if err := infoOf(fd, &info); err != nil {
		return 0, err
	}
	return t.addTypesOf(info.id)
}

func (t *transcript) addTypesOf(id uint32) (number int, err error) {
	if number, found := t.types[id]; found {
		return number, nil
	}
	raw, err := rawTypes(id)
	if err != nil {
		return 0, err
	}
	t.load.types = append(t.load.types, raw)
	t.types[id] = len(t.load.types)
	return len(t.load.types), nil
}

// refersElsewhere tells of a program that is loaded with others, with modules of the kernel, or for a device.
func (a *progLoadAttr) refersElsewhere() bool {
	return a.progIfindex != 0 || a.attachBtfObjFd != 0 || a.fdArray != 0 || a.coreReloCnt != 0 || a.newer != [len(a.newer)]byte{}
}

// forgetProcess clears what stands for something of this process: pointers, descriptors, and where its log goes.
func (a *progLoadAttr) forgetProcess() {
	a.insns, a.license, a.funcInfo, a.lineInfo = 0, 0, 0, 0
	a.progBtfFd = 0
	a.logLevel, a.logSize, a.logBuf, a.logTrueSize = 0, 0, 0, 0
}

// offset is the instruction's second field.
func (i rawInsn) offset() int16 { return int16(binary.NativeEndian.Uint16(i[2:])) }
