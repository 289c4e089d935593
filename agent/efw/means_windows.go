package efw

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/cilium/ebpf"
	"golang.org/x/sys/windows"
)

// Means are the ways in which an installation loads programs.
type Means struct {
	// JIT tells whether it takes instructions.
	JIT bool
	// native is nil where no native images can be made.
	native *converter
	// lacking says why nothing can be loaded, or not as native images; empty where both work.
	lacking string
}

// unsigned is why Windows does not load what is made here, where it asks for a certificate that it knows. It is tried all
// the same: a kernel with a debugger, for one, loads it.
const unsigned = "test signing is off. Turn Secure Boot off, run bcdedit /set testsigning on, and restart"

// Means finds out how programs can be loaded.
func (l *Library) Means() Means {
	if err := l.ProbeDriver(); err != nil {
		return Means{lacking: driverProblem(err)}
	}
	integrity, _ := CodeIntegrity()
	// What is compiled at run time is refused then (libs/execution_context/ebpf_core_jit.c).
	means := Means{JIT: l.TakesInstructions() && !integrity.HVCI}
	native, err := findConverter(l.Version().Number)
	if err != nil {
		means.lacking = "no native images can be made: " + err.Error()
		return means
	}
	means.native = native
	return means
}

// driverProblem says why the driver does not answer.
func driverProblem(err error) string {
	reason := fmt.Sprintf("the driver eBPFCore does not answer (%v)", err)
	return reason + idleWords() + ". It wants an administrator"
}

// idleWords say which services do not run, and what to do; empty where all do.
func idleWords() string {
	idle := IdleServices()
	if len(idle) == 0 {
		return ""
	}
	name, _, _ := strings.Cut(idle[0], " ")
	return ": " + strings.Join(idle, ", ") + ". Start it: sc.exe start " + name
}

// HasNative tells whether native images can be made, and none was refused for the way in which all of them are made.
func (m Means) HasNative() bool { return m.native != nil && m.native.refused == "" }

// Lacking says why nothing can be loaded, or not as native images; empty where both work.
func (m Means) Lacking() string {
	if m.native != nil {
		return m.native.refused
	}
	return m.lacking
}

// Doubts say what may keep native images from being loaded.
func (m Means) Doubts() string {
	if m.HasNative() && isSigningOff() {
		return "native images that are made here are hardly loaded, as " + unsigned
	}
	return ""
}

func isSigningOff() bool {
	integrity, known := CodeIntegrity()
	return known && !integrity.TestSigning
}

// LoadNative converts an object and loads its programs and maps. All of them belong to the collection.
func (m Means) LoadNative(object []byte) (*ebpf.Collection, error) {
	image, err := m.native.convert(object)
	if err != nil {
		return nil, err
	}
	copied, err := copyOf(image)
	if err != nil {
		return nil, err
	}
	collection, err := ebpf.LoadCollection(copied)
	if err != nil {
		_ = os.Remove(copied)
		if !m.native.works && isSigningOff() && mayBeOfSigning(ErrorName(err)) {
			m.native.refused = "native images that are made here are not loaded, as " + unsigned
		}
		return nil, explain(err)
	}
	m.native.works = true
	renameSections(collection)
	return collection, nil
}

// mayBeOfSigning tells the errors of an image that is not signed as Windows wants it, none of which is an error of its
// own: of eBPFSvc for one without a certificate that it trusts, and for another's than Microsoft's
// (ebpf_verify_sys_file_signature of libs/service/api_service.cpp), and of what does not load a driver, whose
// NTSTATUS 0xC0000428 has no result.
func mayBeOfSigning(name *string) bool {
	return name != nil && slices.Contains([]string{"EBPF_INVALID_ARGUMENT", "EBPF_OBJECT_NOT_FOUND", "EBPF_FAILED"}, *name)
}

// copyOf gives an image a name of its own: Windows loads no driver twice from one file.
func copyOf(image string) (string, error) {
	folder := filepath.Join(os.TempDir(), "crossbpf-images")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return "", err
	}
	removeOld(folder)
	data, err := os.ReadFile(image)
	if err != nil {
		return "", err
	}
	file, err := os.CreateTemp(folder, "*.sys")
	if err != nil {
		return "", err
	}
	_, err = file.Write(data)
	return plainPath(file.Name()), errors.Join(err, file.Close())
}

// plainPath is a name of a file that is the same in every code page, where it has one: the library reads names as UTF-8
// in one place and in the code page of the process in another (ebpfapi/rpc_client.cpp).
func plainPath(path string) string {
	isPlain := func(text string) bool {
		return !strings.ContainsFunc(text, func(r rune) bool { return r > unicode.MaxASCII })
	}
	wide, err := windows.UTF16PtrFromString(path)
	if isPlain(path) || err != nil {
		return path
	}
	buffer := make([]uint16, windows.MAX_LONG_PATH)
	length, err := windows.GetShortPathName(wide, &buffer[0], uint32(len(buffer)))
	if err != nil || int(length) > len(buffer) {
		return path
	}
	return windows.UTF16ToString(buffer[:length])
}

// removeOld removes copies that may have been loaded when their agent ended; a younger one may be another agent's.
func removeOld(folder string) {
	files, err := os.ReadDir(folder)
	if err != nil {
		return
	}
	for _, file := range files {
		if info, err := file.Info(); err == nil && time.Since(info.ModTime()) > time.Hour {
			_ = os.Remove(filepath.Join(folder, file.Name()))
		}
	}
}

// renameSections gives maps of variables the names that their sections have: the converter puts a part of the file's
// name before them, as libbpf does.
func renameSections(collection *ebpf.Collection) {
	for name, m := range collection.Maps {
		if dot := strings.IndexByte(name, '.'); dot > 0 {
			delete(collection.Maps, name)
			collection.Maps[name[dot:]] = m
		}
	}
}

// explain adds what to do to an error of loading a native image.
func explain(err error) error {
	switch name := ErrorName(err); {
	case name == nil:
		return err
	case *name == "EBPF_EXTENSION_FAILED_TO_LOAD":
		return fmt.Errorf("%w: the driver of this type of program does not run, or has not all of its helpers", err)
	case *name == "EBPF_ACCESS_DENIED":
		return fmt.Errorf("%w: the agent needs an administrator's rights", err)
	case *name == "EBPF_RPC_EXCEPTION":
		return fmt.Errorf("%w: the service eBPFSvc does not answer%s", err, idleWords())
	case *name == "EBPF_BLOCKED_BY_POLICY":
		return fmt.Errorf("%w: memory integrity (HVCI) forbids it", err)
	}
	return err
}
