package efw

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"

	"golang.org/x/sys/windows"

	"crossbpf/agent/protocol"
)

const libraryName = "ebpfapi.dll"

// install is what to do where the library is not there.
const install = "Install eBPF for Windows (its MSI is on the releases page of github.com/microsoft/ebpf-for-windows). " +
	"Where it is installed, its folder is not in this process's PATH: over ssh, restart sshd first (Restart-Service sshd)."

// Library is ebpfapi.dll, the interface of eBPF for Windows for user mode.
type Library struct {
	// Path is the file that was loaded.
	Path    string
	handle  windows.Handle
	version func() Version
}

// Open loads the library: from a folder of PATH, else from where the installer puts it, but not from the folder that this
// process was started in, which may be anybody's. cilium/ebpf then finds it in memory under its name. The error is a
// *protocol.Error that says what to do.
func Open() (*Library, error) {
	for _, folder := range append(filepath.SplitList(os.Getenv("PATH")), filepath.Join(os.Getenv("ProgramFiles"), "ebpf-for-windows")) {
		file := filepath.Join(folder, libraryName)
		if _, err := os.Stat(file); err != nil || !filepath.IsAbs(folder) {
			continue
		}
		handle, err := windows.LoadLibraryEx(file, 0, windows.LOAD_WITH_ALTERED_SEARCH_PATH)
		if err != nil {
			return nil, notLoaded(file, err)
		}
		library := &Library{Path: pathOf(handle), handle: handle}
		library.version = sync.OnceValue(func() Version { return readVersion(library.Path) })
		return library, nil
	}
	missing := protocol.Errorf(protocol.NotReady, "eBPF for Windows is not installed: %s was not found", libraryName)
	missing.Hint = install
	return nil, missing
}

func notLoaded(file string, err error) error {
	failed := protocol.Errorf(protocol.NotReady, "%s cannot be loaded: %v", file, err)
	if errors.Is(err, windows.ERROR_MOD_NOT_FOUND) {
		failed.Hint = "A library that it needs is missing. A debug build needs the debug runtime of Visual C++ beside it."
	} else {
		failed.Hint = "Install eBPF for Windows again, for the architecture of this machine."
	}
	return failed
}

func pathOf(handle windows.Handle) string {
	buffer := make([]uint16, windows.MAX_LONG_PATH)
	length, err := windows.GetModuleFileName(handle, &buffer[0], uint32(len(buffer)))
	if err != nil {
		return libraryName
	}
	return windows.UTF16ToString(buffer[:length])
}

// Version is what the library says of itself.
func (l *Library) Version() Version { return l.version() }

// find returns the address of a function of the library. Its error says which version has it not.
func (l *Library) find(name string) (uintptr, error) {
	address, err := windows.GetProcAddress(l.handle, name)
	if err != nil {
		return 0, fmt.Errorf("%s of %s has no function %s", l.Path, l.Version(), name)
	}
	return address, nil
}
