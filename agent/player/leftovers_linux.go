package player

import (
	"slices"
	"sync"
)

// leftovers is what a scenario leaves on the machine if the agent ends in the middle of it: what the kernel does not
// take away with a process.
type leftovers struct {
	mutex sync.Mutex
	undo  []func()
}

// add notes how to take something away.
func (l *leftovers) add(undo func()) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	l.undo = append(l.undo, undo)
}

// clear takes all away, the last first.
func (l *leftovers) clear() {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	for _, undo := range slices.Backward(l.undo) {
		undo()
	}
	l.undo = nil
}
