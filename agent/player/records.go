package player

import (
	"errors"
	"fmt"
	"os"
	"time"

	"crossbpf/agent/names"
	"crossbpf/agent/protocol"
)

// largestRecords bounds what one step returns, in bytes, as it must fit into a message.
const largestRecords = 4 << 20

// source gives one record after the other, and os.ErrDeadlineExceeded when there is none.
type source interface {
	next() (record []byte, lost uint64, err error)
	Close() error
}

// recordReader takes records out of a buffer.
type recordReader struct {
	source
	// held is a record that was taken out when there was no more room for it.
	held []byte
}

// openReaders opens the buffers that steps read. A perf buffer has no room for records before it is read.
func (s *scene) openReaders() error {
	for _, step := range s.request.Steps {
		if step.Kind != protocol.StepRecords || s.readers[step.Map] != nil || s.collection.Maps[step.Map] == nil {
			continue
		}
		reader, err := openReader(s.collection.Maps[step.Map])
		if err != nil {
			return fmt.Errorf("open %s: %w", step.Map, err)
		}
		if reader != nil {
			s.readers[step.Map] = reader
		}
	}
	return nil
}

// records takes out of a buffer what it holds now.
func (s *scene) records(step protocol.Step, deadline time.Time) (protocol.StepReply, error) {
	m, err := s.findMap(step.Map)
	if err != nil {
		return protocol.StepReply{}, err
	}
	reader := s.readers[step.Map]
	if reader == nil {
		return protocol.StepReply{}, fmt.Errorf("%s of type %s is no ring buffer and no perf buffer", step.Map, names.MapType(m.Type()))
	}
	batch, err := reader.take(step.Max, deadline)
	if err != nil {
		return protocol.StepReply{}, fmt.Errorf("read %s: %w", step.Map, err)
	}
	return protocol.StepReply{Records: &batch.records, Lost: &batch.lost, Truncated: &batch.truncated}, nil
}

// batch is what one step takes out of a buffer.
type batch struct {
	records   []protocol.Bytes
	size      int
	lost      uint64
	truncated bool
}

// take takes out records until there are none, or as many as wanted.
func (r *recordReader) take(most int, deadline time.Time) (batch, error) {
	var b batch
	for {
		record, lost := r.held, uint64(0)
		r.held = nil
		if record == nil {
			var err error
			record, lost, err = r.next()
			if errors.Is(err, os.ErrDeadlineExceeded) {
				return b, nil
			}
			if err != nil {
				return b, err
			}
		}
		b.lost += lost
		if lost > 0 {
			continue
		}
		if len(b.records) >= most || b.size >= largestRecords || time.Now().After(deadline) {
			r.held, b.truncated = record, true
			return b, nil
		}
		b.records = append(b.records, record)
		b.size += len(record)
	}
}
