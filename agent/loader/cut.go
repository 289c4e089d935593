package loader

import "slices"

// verifierLog is a log of which the middle may be left out.
type verifierLog struct {
	// text is the start of the log, and directly behind it its end where something was left out.
	text []byte
	// total is the size of the whole log in bytes.
	total int64
	// truncated says that the kernel itself wrote no more than total bytes of a longer log.
	truncated bool
}

// omitted is how many bytes were left out.
func (l verifierLog) omitted() int64 { return l.total - int64(len(l.text)) }

// limits are how many bytes of a log to keep from its start and from its end, and beyond how many instructions that the
// verifier processed the whole log is not worth its time; 0 means that it always is.
type limits struct {
	head, tail int
	insns      uint64
}

// cut copies the start and the end of a log that is in memory as a whole, in two parts.
func (l limits) cut(first, second []byte) verifierLog {
	size := len(first) + len(second)
	log := verifierLog{total: int64(size)}
	if size-l.head <= l.tail {
		log.text = slices.Concat(first, second)
		return log
	}
	log.text = make([]byte, 0, l.head+l.tail)
	log.text = appendRange(log.text, first, 0, l.head)
	log.text = appendRange(log.text, second, -len(first), l.head-len(first))
	log.text = appendRange(log.text, first, size-l.tail, len(first))
	log.text = appendRange(log.text, second, size-l.tail-len(first), len(second))
	return log
}

// appendRange appends part[from:to], or what of that range exists.
func appendRange(text, part []byte, from, to int) []byte {
	from, to = max(0, from), min(len(part), to)
	if from >= to {
		return text
	}
	return append(text, part[from:to]...)
}
