package player

import (
	"time"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/ringbuf"
)

type ringSource struct{ *ringbuf.Reader }

func (r ringSource) next() ([]byte, uint64, error) {
	record, err := r.Read()
	return record.RawSample, 0, err
}

// openReader returns nil for a map that is no ring buffer: cilium/ebpf does not read perf buffers on Windows.
func openReader(m *ebpf.Map) (*recordReader, error) {
	if m.Type() != ebpf.WindowsRingBuf {
		return nil, nil
	}
	reader, err := ringbuf.NewReader(m)
	if err != nil {
		return nil, err
	}
	reader.SetDeadline(time.Unix(0, 1))
	return &recordReader{source: ringSource{reader}}, nil
}
