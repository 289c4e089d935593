package guest

import (
	"os"
	"os/signal"
	"sync"

	"golang.org/x/sys/unix"
)

// reaper takes the exit status of processes whose parents are gone, as PID 1 must. While it is locked it takes none, so
// that whoever has it locked can wait for children of its own.
type reaper struct {
	running sync.Mutex
	exits   chan os.Signal
}

func startReaper() *reaper {
	r := &reaper{exits: make(chan os.Signal, 1)}
	signal.Notify(r.exits, unix.SIGCHLD)
	go r.run()
	return r
}

func (r *reaper) run() {
	for range r.exits {
		r.running.Lock()
		for {
			if pid, err := unix.Wait4(-1, nil, unix.WNOHANG, nil); pid <= 0 || err != nil {
				break
			}
		}
		r.running.Unlock()
	}
}

// Lock keeps the reaper from taking the exit status of any process.
func (r *reaper) Lock() { r.running.Lock() }

// Unlock lets it take what has come meanwhile.
func (r *reaper) Unlock() {
	r.running.Unlock()
	select {
	case r.exits <- unix.SIGCHLD:
	default: // it will look anyway
	}
}
