package efw

import (
	"errors"
	"fmt"
	"testing"
)

type worded string

func (w worded) Error() string { return string(w) }

func TestErrorsByName(t *testing.T) {
	for want, err := range map[string]error{
		"EBPF_KEY_NOT_FOUND": fmt.Errorf("attach: %w (errno: 1)", worded("EBPF_KEY_NOT_FOUND")),
		"ENOENT":             fmt.Errorf("lookup: %w", fmt.Errorf("key does not exist: %w", worded("ENOENT"))),
		"ENOMEM":             fmt.Errorf("create: %w", worded("Errno(12)")),
		"ENOTSUP":            errors.Join(errors.New("first"), fmt.Errorf("second: %w", Errno(129))),
	} {
		if got := ErrorName(err); got == nil || *got != want {
			t.Errorf("%v: %v, not %s", err, got, want)
		}
	}
	for _, err := range []error{nil, errors.New("no such map"), worded("Errno(9999)")} {
		if got := ErrorName(err); got != nil {
			t.Errorf("%v: %s", err, *got)
		}
	}
}

func TestWordsNameErrors(t *testing.T) {
	for text, want := range map[string]string{
		"update: Errno(131)": "update: EOTHER", "Errno(12)": "ENOMEM", "Errno(9999)": "errno 9999", "no such map": "no such map",
	} {
		if got := Words(errors.New(text)); got != want {
			t.Errorf("%s: %q", text, got)
		}
	}
}
