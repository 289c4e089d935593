package efw

import (
	"fmt"
	"regexp"
	"strconv"

	"crossbpf/agent/names"
)

// Errno is an error of bpf(), as the C library of Windows numbers them (Microsoft's errno.h). Which they are is said by
// ebpf_result_to_errno of libs/api_common/api_common.hpp.
type Errno int

var errnoNames = map[Errno]string{
	1: "EPERM", 2: "ENOENT", 3: "ESRCH", 4: "EINTR", 5: "EIO", 7: "E2BIG", 9: "EBADF", 11: "EAGAIN", 12: "ENOMEM",
	13: "EACCES", 14: "EFAULT", 16: "EBUSY", 17: "EEXIST", 19: "ENODEV", 22: "EINVAL", 23: "ENFILE", 24: "EMFILE",
	28: "ENOSPC", 34: "ERANGE", 38: "ENAMETOOLONG", 40: "ENOSYS", 41: "ENOTEMPTY", 42: "EILSEQ", 105: "ECANCELED",
	119: "ENOBUFS", 129: "ENOTSUP", 130: "EOPNOTSUPP", 131: "EOTHER", 138: "ETIMEDOUT", 140: "EWOULDBLOCK",
}

func (e Errno) Error() string {
	if name, known := errnoNames[e]; known {
		return name
	}
	return fmt.Sprintf("errno %d", int(e))
}

// unnamed is how cilium/ebpf writes an error that it has no name for.
var unnamed = regexp.MustCompile(`\bErrno\((\d+)\)`)

// Words is an error's text, in which all errors have names.
func Words(err error) string {
	return unnamed.ReplaceAllStringFunc(err.Error(), func(text string) string {
		number, err := strconv.Atoi(unnamed.FindStringSubmatch(text)[1])
		if err != nil {
			return text
		}
		return Errno(number).Error()
	})
}

// ErrorName finds the name of the error that a chain ends with, EBPF_INVALID_ARGUMENT or ENOENT, or nil. The library's
// types of errors are its own, so that only their texts tell.
func ErrorName(err error) *string {
	for _, each := range chain(err) {
		text := Words(each)
		if names.IsWindowsResult(text) || isErrno(text) {
			return &text
		}
	}
	return nil
}

// chain lists an error and all that it wraps.
func chain(err error) []error {
	if err == nil {
		return nil
	}
	all := []error{err}
	switch wrapper := err.(type) {
	case interface{ Unwrap() error }:
		all = append(all, chain(wrapper.Unwrap())...)
	case interface{ Unwrap() []error }:
		for _, each := range wrapper.Unwrap() {
			all = append(all, chain(each)...)
		}
	}
	return all
}

func isErrno(text string) bool {
	for _, name := range errnoNames {
		if name == text {
			return true
		}
	}
	return false
}
