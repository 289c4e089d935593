package hangup

import (
	"io"
	"strings"
	"testing"
	"time"
)

func TestTheSameBytes(t *testing.T) {
	text := strings.Repeat("some bytes ", 100_000)
	read, err := io.ReadAll(Watch(strings.NewReader(text), time.Hour, func() {}))
	if err != nil || string(read) != text {
		t.Fatalf("read %d bytes, %v", len(read), err)
	}
}

func TestTheEndIsSeenWhileNobodyReads(t *testing.T) {
	input, other := io.Pipe()
	ended := make(chan struct{})
	reader := Watch(input, 0, func() { close(ended) })
	go other.Write([]byte("request"))
	if _, err := io.ReadFull(reader, make([]byte, len("request"))); err != nil {
		t.Fatal(err)
	}
	select {
	case <-ended:
		t.Fatal("it ended before its input did")
	default:
	}
	other.Close()
	<-ended
}
