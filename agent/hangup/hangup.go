// Package hangup notices that nobody listens any more, also while a request is being carried out.
package hangup

import (
	"io"
	"time"
)

// Watch returns a reader of the same bytes. It reads ahead, so that it sees the end of the input even while nobody
// reads: from then on the process has the given time to end by itself, then end is called. Without it, an agent on
// another machine would verify on for minutes after its harness is gone.
func Watch(input io.Reader, grace time.Duration, end func()) io.Reader {
	reader, writer := io.Pipe()
	go func() {
		// Without an error, CloseWithError means the end of the input.
		_, err := io.Copy(writer, input)
		time.AfterFunc(grace, end)
		writer.CloseWithError(err)
	}()
	return reader
}
