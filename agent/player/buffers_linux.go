package player

import (
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/perf"
	"github.com/cilium/ebpf/ringbuf"
)

// perCPUBuffer is the room for the records of one processor in a perf buffer.
const perCPUBuffer = 64 << 10

type ringSource struct{ *ringbuf.Reader }

func (r ringSource) next() ([]byte, uint64, error) {
	record, err := r.Read()
	return record.RawSample, 0, err
}

type perfSource struct{ *perf.Reader }

func (r perfSource) next() ([]byte, uint64, error) {
	record, err := r.Read()
	return record.RawSample, record.LostSamples, err
}

// openReader returns nil for a map that is no buffer. Readers never wait: what they return is there already.
func openReader(m *ebpf.Map) (*recordReader, error) {
	past := time.Unix(0, 1)
	switch m.Type() {
	case ebpf.RingBuf:
		reader, err := ringbuf.NewReader(m)
		if err != nil {
			return nil, err
		}
		reader.SetDeadline(past)
		return &recordReader{source: ringSource{reader}}, nil
	case ebpf.PerfEventArray:
		reader, err := perf.NewReader(m, perCPUBuffer)
		if err != nil {
			return nil, err
		}
		reader.SetDeadline(past)
		return &recordReader{source: perfSource{reader}}, nil
	}
	return nil, nil
}
