package player

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// removePatience is how long a cgroup may stay busy with a child that has just ended.
const removePatience = 500 * time.Millisecond

// cgroup is a cgroup (version 2) below the agent's own, which the stage is in, and the children that it starts. The rest
// of the agent stays where it is, which takes a threaded cgroup (Documentation/admin-guide/cgroup-v2.rst).
type cgroup struct {
	path   string
	parent string
}

// openCgroup makes the cgroup and moves the calling thread there.
func openCgroup(leftovers *leftovers) (*cgroup, error) {
	parent, err := ownCgroup()
	if err != nil {
		return nil, err
	}
	c := &cgroup{parent: parent, path: filepath.Join(parent, "crossbpf-"+strconv.Itoa(os.Getpid()))}
	if err := os.Mkdir(c.path, 0o755); err != nil {
		return nil, err
	}
	thread := unix.Gettid()
	leftovers.add(func() { c.remove(thread) })
	if err := os.WriteFile(filepath.Join(c.path, "cgroup.type"), []byte("threaded"), 0); err != nil {
		return nil, err
	}
	return c, move(thread, c.path)
}

func move(thread int, path string) error {
	return os.WriteFile(filepath.Join(path, "cgroup.threads"), []byte(strconv.Itoa(thread)), 0)
}

// remove takes the cgroup away, and before that the thread out of it, if that has not ended yet.
func (c *cgroup) remove(thread int) {
	_ = move(thread, c.parent)
	for deadline := time.Now().Add(removePatience); ; time.Sleep(time.Millisecond) {
		err := unix.Rmdir(c.path)
		if !errors.Is(err, unix.EBUSY) || time.Now().After(deadline) {
			return
		}
	}
}

// ownCgroup is the folder of the cgroup that this process is in.
func ownCgroup() (string, error) {
	mounts, err := os.ReadFile("/proc/self/mountinfo")
	if err != nil {
		return "", err
	}
	own, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return "", err
	}
	return findCgroup(string(mounts), string(own))
}

// findCgroup reads proc_pid_mountinfo(5) and cgroups(7).
func findCgroup(mounts, own string) (string, error) {
	for line := range strings.Lines(own) {
		within, isVersion2 := strings.CutPrefix(strings.TrimSpace(line), "0::")
		if !isVersion2 {
			continue
		}
		for mount := range strings.Lines(mounts) {
			place, kind, found := strings.Cut(mount, " - ")
			fields := strings.Fields(place)
			if found && strings.HasPrefix(kind, "cgroup2 ") && len(fields) > 4 {
				below, err := filepath.Rel(fields[3], within)
				if err != nil || strings.HasPrefix(below, "..") {
					return "", fmt.Errorf("the cgroup %s is not mounted", within)
				}
				return filepath.Join(fields[4], below), nil
			}
		}
	}
	return "", errors.New("there is no cgroup file system of version 2")
}
