// Package bounds limits what a process may take that reads a stranger's object.
package bounds

import (
	"runtime/debug"
	"time"
)

// maxStack is what one goroutine's stack may grow to. Go's own limit is 1 GB, which types that refer to themselves reach.
const maxStack = 64 << 20

// Limits are of a whole process.
type Limits struct {
	// Memory is address space in bytes, of which Go's runtime reserves some hundred megabytes without using them.
	Memory uint64
	// Processor is time on processors.
	Processor time.Duration
}

// Apply limits this process, for good. What goes beyond ends it. Where the system has no such limits, only that of
// stacks is set: whoever started the process has a deadline too.
func Apply(limits Limits) {
	debug.SetMaxStack(maxStack)
	apply(limits)
}
