package portability

import (
	"encoding/binary"
	"slices"
	"sync"
)

// outcomes holds what a program reaches, by the constants that it was followed with: most kernels give the same ones.
type outcomes struct {
	lock    sync.Mutex
	reached map[string][]bool
}

// reachedWith tells which instructions are reached with the constants that a kernel gives, and its version.
func (p *program) reachedWith(values map[int]int64, open map[int]bool, version []byte) []bool {
	if !p.asksVersion {
		version = nil
	}
	if len(p.relocated) == 0 && len(p.weakAddresses) == 0 && version == nil {
		return p.flow.reached
	}
	key := constantsKey(values, open) + string(version)
	p.followed.lock.Lock()
	defer p.followed.lock.Unlock()
	if known, found := p.followed.reached[key]; found {
		return known
	}
	reached := p.code.follow(values, open, version).reached
	if p.followed.reached == nil {
		p.followed.reached = map[string][]bool{}
	}
	p.followed.reached[key] = reached
	return reached
}

func constantsKey(values map[int]int64, open map[int]bool) string {
	indices := make([]int, 0, len(values)+len(open))
	for index := range values {
		indices = append(indices, index)
	}
	for index := range open {
		indices = append(indices, index)
	}
	slices.Sort(indices)
	key := make([]byte, 0, 17*len(indices))
	for _, index := range indices {
		key = binary.LittleEndian.AppendUint64(key, uint64(index))
		if open[index] {
			key = append(key, 1)
		} else {
			key = binary.LittleEndian.AppendUint64(append(key, 0), uint64(values[index]))
		}
	}
	return string(key)
}
