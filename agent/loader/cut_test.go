package loader

import (
	"strings"
	"testing"
)

func TestCut(t *testing.T) {
	const log = "0123456789abcdefghij" // 20 bytes
	for _, c := range []struct {
		head, tail int
		want       string
	}{
		{100, 100, log}, {10, 10, log}, {20, 0, log}, {0, 20, log}, {15, 15, log},
		{3, 2, "012ij"}, {0, 4, "ghij"}, {4, 0, "0123"}, {0, 0, ""}, {12, 7, "0123456789abdefghij"},
		{int(^uint(0) >> 1), int(^uint(0) >> 1), log},
	} {
		// However the log lies in memory, the cut is the same.
		for split := range len(log) + 1 {
			got := limits{head: c.head, tail: c.tail}.cut([]byte(log[:split]), []byte(log[split:]))
			if string(got.text) != c.want || got.total != 20 || got.omitted() != int64(20-len(c.want)) {
				t.Errorf("head %d, tail %d, split %d: %q of %d, %d omitted", c.head, c.tail, split, got.text, got.total, got.omitted())
			}
		}
	}
}

func TestCutCopies(t *testing.T) {
	log := []byte(strings.Repeat("x", 10))
	got := limits{head: 10, tail: 10}.cut(log, nil)
	log[0] = 'y'
	if got.text[0] != 'x' {
		t.Error("the cut shares the log's memory, which may be unmapped")
	}
}
