package guest

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// mounts are what BPF programs, their loaders and tests expect of a machine, in order.
var mounts = []struct{ kind, target, options string }{
	{"proc", "/proc", ""},
	{"sysfs", "/sys", ""},
	{"devtmpfs", "/dev", ""},
	{"bpf", "/sys/fs/bpf", ""},
	{"tracefs", "/sys/kernel/tracing", ""},
	{"debugfs", "/sys/kernel/debug", ""},
	{"securityfs", "/sys/kernel/security", ""},
	{"cgroup2", "/sys/fs/cgroup", ""},
	{"tmpfs", "/tmp", "mode=1777"},
	{"tmpfs", "/run", "mode=0755"},
}

// mountAll mounts what can be mounted, and returns the rest in words.
func mountAll() []string {
	var failed []string
	for _, m := range mounts {
		if err := os.MkdirAll(m.target, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
			failed = append(failed, fmt.Sprintf("mount %s: %v", m.target, err))
			continue
		}
		err := unix.Mount(m.kind, m.target, m.kind, 0, m.options)
		if err != nil && !errors.Is(err, unix.EBUSY) { // the kernel may have mounted devtmpfs by itself
			failed = append(failed, fmt.Sprintf("mount %s on %s: %v", m.kind, m.target, err))
		}
	}
	return failed
}
