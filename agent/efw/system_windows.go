package efw

import (
	"fmt"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/registry"

	"crossbpf/agent/protocol"
)

const currentVersion = `SOFTWARE\Microsoft\Windows NT\CurrentVersion`

// System describes Windows: 10.0.26100.1742 and Windows Server 2025 Datacenter.
func System() protocol.KernelFacts {
	version := windows.RtlGetVersion()
	release := fmt.Sprintf("%d.%d.%d", version.MajorVersion, version.MinorVersion, version.BuildNumber)
	facts := protocol.KernelFacts{Release: release, Build: "Windows", Machine: machine()}
	key, err := registry.OpenKey(registry.LOCAL_MACHINE, currentVersion, registry.QUERY_VALUE)
	if err != nil {
		return facts
	}
	defer key.Close()
	if revision, _, err := key.GetIntegerValue("UBR"); err == nil {
		facts.Release = fmt.Sprintf("%s.%d", release, revision)
	}
	if name, _, err := key.GetStringValue("ProductName"); err == nil {
		facts.Build = name
	}
	return facts
}

// machine is in uname's words, which other targets use.
func machine() string {
	switch runtime.GOARCH {
	case "amd64":
		return "x86_64"
	case "arm64":
		return "aarch64"
	}
	return runtime.GOARCH
}

// Options of code integrity, by ntexapi.h's SYSTEM_CODEINTEGRITY_INFORMATION.
const (
	integrityTestSigning = 0x2
	integrityHVCI        = 0x400
)

// Integrity is what Windows asks of drivers.
type Integrity struct {
	// TestSigning permits drivers with a certificate that nobody knows.
	TestSigning bool
	// HVCI is memory integrity, which forbids compiling at run time.
	HVCI bool
}

// CodeIntegrity asks Windows; false where it does not say.
func CodeIntegrity() (Integrity, bool) {
	information := struct{ length, options uint32 }{length: 8}
	err := windows.NtQuerySystemInformation(windows.SystemCodeIntegrityInformation, unsafe.Pointer(&information), 8, nil)
	if err != nil {
		return Integrity{}, false
	}
	return Integrity{
		TestSigning: information.options&integrityTestSigning != 0,
		HVCI:        information.options&integrityHVCI != 0,
	}, true
}

// services are the drivers and the service of eBPF for Windows (installer/Product.wxs).
var services = []string{"eBPFCore", "NetEbpfExt", "eBPFSvc"}

// IdleServices says of each service that does not run what is wrong with it.
func IdleServices() []string {
	manager, err := windows.OpenSCManager(nil, nil, windows.SC_MANAGER_CONNECT)
	if err != nil {
		return nil
	}
	defer windows.CloseServiceHandle(manager)
	var idle []string
	for _, name := range services {
		if state := serviceState(manager, name); state != "" {
			idle = append(idle, name+" "+state)
		}
	}
	return idle
}

// serviceState is empty for a service that runs.
func serviceState(manager windows.Handle, name string) string {
	wide, err := windows.UTF16PtrFromString(name)
	if err != nil {
		return err.Error()
	}
	service, err := windows.OpenService(manager, wide, windows.SERVICE_QUERY_STATUS)
	if err != nil {
		return "is not installed"
	}
	defer windows.CloseServiceHandle(service)
	var status windows.SERVICE_STATUS
	if err := windows.QueryServiceStatus(service, &status); err != nil || status.CurrentState == windows.SERVICE_RUNNING {
		return ""
	}
	return "does not run"
}

// sectionsKey is where extensions register the sections that they have programs for (include/ebpf_windows.h). The
// verifier looks at the user's own first.
const sectionsKey = `Software\eBPF\Providers\SectionData`

// Sections are the registered names of sections, without order; nil where nothing is registered.
func Sections() []string {
	for _, root := range []registry.Key{registry.CURRENT_USER, registry.LOCAL_MACHINE} {
		key, err := registry.OpenKey(root, sectionsKey, registry.ENUMERATE_SUB_KEYS)
		if err != nil {
			continue
		}
		sections, err := key.ReadSubKeyNames(-1)
		key.Close()
		if err == nil && len(sections) > 0 {
			return sections
		}
	}
	return nil
}

// HasSection tells whether any of the registered sections begins a program's.
func HasSection(sections []string, section string) bool {
	for _, registered := range sections {
		if strings.HasPrefix(section, registered) {
			return true
		}
	}
	return false
}
