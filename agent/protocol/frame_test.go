package protocol

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"strings"
	"testing"
)

const seal = "0123456789abcdef"

func frame(message, attachment string) []byte {
	data := []byte("XBPF" + seal)
	data = binary.LittleEndian.AppendUint32(data, uint32(len(message)))
	data = binary.LittleEndian.AppendUint32(data, uint32(len(attachment)))
	return append(append(data, message...), attachment...)
}

func TestFramesComeOutAsTheyWentIn(t *testing.T) {
	var stream bytes.Buffer
	writer := FrameWriter{&stream, Seal([]byte(seal))}
	if err := writer.WriteFrame(ByeReply{Type: "bye", ID: 7}, []byte("log")); err != nil {
		t.Fatal(err)
	}
	if err := writer.WriteFrame(ByeReply{Type: "bye", ID: 8}, nil); err != nil {
		t.Fatal(err)
	}
	if want := append(frame(`{"type":"bye","id":7}`, "log"), frame(`{"type":"bye","id":8}`, "")...); !bytes.Equal(stream.Bytes(), want) {
		t.Fatalf("wrote %q", stream.Bytes())
	}
	first, err := ReadFrame(&stream)
	if err != nil || string(first.Message) != `{"type":"bye","id":7}` || string(first.Attachment) != "log" || string(first.Seal[:]) != seal {
		t.Fatalf("%+v, %v", first, err)
	}
	second, err := ReadFrame(&stream)
	if err != nil || len(second.Attachment) != 0 {
		t.Fatalf("%+v, %v", second, err)
	}
	if _, err := ReadFrame(&stream); err != io.EOF {
		t.Fatalf("at the end: %v", err)
	}
}

func TestFramesMayComeInPieces(t *testing.T) {
	whole := frame(`{"type":"load"}`, strings.Repeat("o", 100))
	got, err := ReadFrame(io.MultiReader(bytes.NewReader(whole[:3]), bytes.NewReader(whole[3:20]), bytes.NewReader(whole[20:])))
	if err != nil || len(got.Attachment) != 100 {
		t.Fatalf("%d bytes, %v", len(got.Attachment), err)
	}
}

func TestTruncatedFrame(t *testing.T) {
	whole := frame(`{"type":"load"}`, "object")
	for size := 1; size < len(whole); size++ {
		if _, err := ReadFrame(bytes.NewReader(whole[:size])); !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
}

func TestGarbageInPlaceOfAFrame(t *testing.T) {
	for _, garbage := range []string{"x", "GET / HTTP/1.1\r\n\r\n", "XBPE00000000" + seal, "Kernel panic"} {
		_, err := ReadFrame(strings.NewReader(garbage))
		var broken *BrokenStreamError
		if !errors.As(err, &broken) {
			t.Errorf("%q: %v", garbage, err)
		}
	}
}

func TestOversizeFramesAreRefusedWithoutReadingThem(t *testing.T) {
	header := func(message, attachment uint32) io.Reader {
		data := binary.LittleEndian.AppendUint32([]byte("XBPF"+seal), message)
		return bytes.NewReader(binary.LittleEndian.AppendUint32(data, attachment))
	}
	for _, sizes := range [][2]uint32{{MaxMessage + 1, 0}, {2, MaxAttachment + 1}, {1<<32 - 1, 1<<32 - 1}} {
		_, err := ReadFrame(header(sizes[0], sizes[1]))
		var broken *BrokenStreamError
		if !errors.As(err, &broken) {
			t.Errorf("%v: %v", sizes, err)
		}
	}
}

func TestAHeaderThatLiesCostsNoMemory(t *testing.T) {
	data := binary.LittleEndian.AppendUint32([]byte("XBPF"+seal), 2)
	data = append(binary.LittleEndian.AppendUint32(data, MaxAttachment), "{}short"...)
	used := testing.Benchmark(func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := ReadFrame(bytes.NewReader(data)); !errors.Is(err, io.ErrUnexpectedEOF) {
				b.Fatal(err)
			}
		}
	}).AllocedBytesPerOp()
	if used > 4<<20 {
		t.Errorf("%d bytes for an attachment of 5 bytes", used)
	}
}

func TestDecodeNamesWhatIsWrong(t *testing.T) {
	_, err := Decode[LoadRequest]([]byte(`{"logHead":"much"}`))
	var coded *Error
	if !errors.As(err, &coded) || coded.Code != BadRequest || !strings.Contains(coded.Message, "logHead") {
		t.Error(err)
	}
}

func FuzzReadFrame(f *testing.F) {
	f.Add(frame(`{"type":"hello"}`, "x"))
	f.Add([]byte("XBPF"))
	f.Fuzz(func(t *testing.T, data []byte) {
		got, err := ReadFrame(bytes.NewReader(data))
		if err == nil && len(got.Message)+len(got.Attachment)+headerSize > len(data) {
			t.Errorf("more came out than went in")
		}
	})
}
