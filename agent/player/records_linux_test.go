package player

import (
	"errors"
	"os"
	"slices"
	"testing"
	"time"

	"crossbpf/agent/protocol"
)

// script is a source that gives what it was told to.
type script struct{ events []event }

type event struct {
	record string
	lost   uint64
	err    error
}

func (s *script) next() ([]byte, uint64, error) {
	if len(s.events) == 0 {
		return nil, 0, os.ErrDeadlineExceeded
	}
	first := s.events[0]
	s.events = s.events[1:]
	return []byte(first.record), first.lost, first.err
}

func (s *script) Close() error { return nil }

func texts(records []protocol.Bytes) []string {
	var all []string
	for _, record := range records {
		all = append(all, string(record))
	}
	return all
}

func TestRecordsAreTakenInParts(t *testing.T) {
	reader := &recordReader{source: &script{[]event{{record: "a"}, {lost: 3}, {record: "b"}, {record: "c"}}}}
	later := time.Now().Add(time.Hour)
	first, err := reader.take(2, later)
	if err != nil || !slices.Equal(texts(first.records), []string{"a", "b"}) || !first.truncated || first.lost != 3 {
		t.Errorf("%+v, %v", first, err)
	}
	rest, err := reader.take(2, later)
	if err != nil || !slices.Equal(texts(rest.records), []string{"c"}) || rest.truncated || rest.lost != 0 {
		t.Errorf("%+v, %v", rest, err)
	}
}

func TestAsManyRecordsAsWanted(t *testing.T) {
	reader := &recordReader{source: &script{[]event{{record: "a"}, {record: "b"}}}}
	all, err := reader.take(2, time.Now().Add(time.Hour))
	if err != nil || len(all.records) != 2 || all.truncated {
		t.Errorf("%+v, %v", all, err)
	}
}

func TestABufferThatFails(t *testing.T) {
	broken := errors.New("broken")
	reader := &recordReader{source: &script{[]event{{record: "a"}, {err: broken}}}}
	if _, err := reader.take(2, time.Now().Add(time.Hour)); !errors.Is(err, broken) {
		t.Error(err)
	}
}

func TestMessagesWithoutTheirOrigin(t *testing.T) {
	const text = "        crossbpf-93      [000] ..s1.   12.345678: bpf_trace_printk: hello\n\n" +
		"           <...>-1       [000] d..2    0.1: bpf_trace_printk: two\nlines\n" +
		"CPU:0 [LOST 12 EVENTS]\n"
	if got := messages(text); got != "hello\ntwo\nlines\n" {
		t.Errorf("%q", got)
	}
}

func TestListsOfProcessors(t *testing.T) {
	for text, want := range map[string][]int{"0": {0}, "0-2,4": {0, 1, 2, 4}, "1,3": {1, 3}} {
		if got, err := parseList(text); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	for _, text := range []string{"", "a", "0-", "0-99999999"} {
		if got, err := parseList(text); err == nil {
			t.Errorf("%q: %v", text, got)
		}
	}
}
