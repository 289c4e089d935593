package player

import (
	"strings"
	"testing"
)

func TestOwnCgroup(t *testing.T) {
	const (
		only   = "25 1 0:23 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
		hybrid = "30 1 0:26 / /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n31 1 0:27 / /sys/fs/cgroup/unified rw - cgroup2 none rw\n"
		within = "25 1 0:23 /docker/1 /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n"
	)
	for _, c := range []struct{ mounts, own, want string }{
		{only, "0::/\n", "/sys/fs/cgroup"},
		{only, "0::/user.slice/session-1.scope\n", "/sys/fs/cgroup/user.slice/session-1.scope"},
		{hybrid, "4:memory:/a\n0::/b\n", "/sys/fs/cgroup/unified/b"},
		{within, "0::/docker/1/a\n", "/sys/fs/cgroup/a"},
	} {
		if got, err := findCgroup(c.mounts, c.own); err != nil || got != c.want {
			t.Errorf("%s: %q, %v", c.own, got, err)
		}
	}
}

func TestNoCgroup(t *testing.T) {
	for _, c := range []struct{ mounts, own, want string }{
		{"30 1 0:26 / /sys/fs/cgroup rw - cgroup cgroup rw\n", "4:memory:/\n", "no cgroup file system of version 2"},
		{"30 1 0:26 / /sys/fs/cgroup rw - cgroup cgroup rw\n", "0::/\n", "no cgroup file system of version 2"},
		{"25 1 0:23 /docker/1 /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n", "0::/other\n", "not mounted"},
	} {
		if got, err := findCgroup(c.mounts, c.own); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %q, %v", c.own, got, err)
		}
	}
}
