package efw

import (
	"runtime"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// verbosityNormal is EBPF_VERIFICATION_VERBOSITY_NORMAL of include/ebpf_api.h: a report holds the first finding.
const verbosityNormal = 0

// Verify asks the verifier about one program of an object. It runs in this process: nothing is loaded, and no driver is
// needed, only what extensions have registered of their program types. The error is one of the library.
//
//	uint32_t ebpf_api_elf_verify_program_from_memory(
//	    const char* data, size_t data_length, const char* section_name, const char* program_name,
//	    const ebpf_program_type_t* program_type, ebpf_verification_verbosity_t verbosity,
//	    const char** report, const char** error_message, ebpf_api_verifier_stats_t* stats)
//
// of include/ebpf_api.h, the same from 1.0.0 to 1.5.0.
func (l *Library) Verify(object []byte, section, program string) (Verification, time.Duration, error) {
	verify, err := l.find("ebpf_api_elf_verify_program_from_memory")
	if err != nil {
		return Verification{}, 0, err
	}
	sectionName, err := windows.BytePtrFromString(section)
	if err != nil {
		return Verification{}, 0, err
	}
	programName, err := windows.BytePtrFromString(program)
	if err != nil {
		return Verification{}, 0, err
	}
	// The library keeps what it knows of an object by thread.
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var report, message *byte
	var stats Stats
	start := time.Now()
	code, _, _ := syscall.SyscallN(verify,
		uintptr(unsafe.Pointer(unsafe.SliceData(object))), uintptr(len(object)),
		uintptr(unsafe.Pointer(sectionName)), uintptr(unsafe.Pointer(programName)),
		0, // the section's name says the type
		verbosityNormal,
		uintptr(unsafe.Pointer(&report)), uintptr(unsafe.Pointer(&message)), uintptr(unsafe.Pointer(&stats)))
	took := time.Since(start)
	runtime.KeepAlive(object)
	return Verification{
		Rejected: uint32(code) != 0,
		Report:   l.takeText(report),
		Error:    l.takeText(message),
		Stats:    stats,
	}, took, nil
}

// takeText copies a text of the library's and frees it: void ebpf_free_string(const char* string).
func (l *Library) takeText(text *byte) string {
	if text == nil {
		return ""
	}
	copied := windows.BytePtrToString(text)
	if free, err := l.find("ebpf_free_string"); err == nil {
		_, _, _ = syscall.SyscallN(free, uintptr(unsafe.Pointer(text)))
	}
	return copied
}
