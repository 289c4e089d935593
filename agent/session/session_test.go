package session

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os"
	"strings"
	"testing"

	"crossbpf/agent/protocol"
)

// machine answers without a kernel.
type machine struct{ panics bool }

func (m machine) Hello(protocol.HelloRequest) (protocol.HelloReply, error) {
	return protocol.HelloReply{BTF: true}, nil
}

func (m machine) Load(request protocol.LoadRequest, object []byte, answer Answer) (protocol.LoadedReply, error) {
	if m.panics {
		panic("a bug")
	}
	if string(object) == "bad" {
		return protocol.LoadedReply{}, protocol.Errorf(protocol.BadObject, "not an ELF file")
	}
	if err := answer(protocol.ProgramReply{Name: request.Name}, []byte("log of "+request.Name)); err != nil {
		return protocol.LoadedReply{}, err
	}
	return protocol.LoadedReply{Programs: 1, Prepared: preparedIf(request.Prepare)}, nil
}

func preparedIf(wanted bool) []byte {
	if !wanted {
		return nil
	}
	return []byte("prepared")
}

func (m machine) LoadPrepared(request protocol.LoadRequest, prepared []byte, answer Answer) (protocol.LoadedReply, error) {
	if string(prepared) != "prepared" {
		return protocol.LoadedReply{}, protocol.Errorf(protocol.Stale, "not as before")
	}
	return m.Load(request, []byte("prepared"), answer)
}

func (m machine) Play(request protocol.PlayRequest, attachment []byte, audience Audience) (protocol.PlayedReply, error) {
	for i, step := range request.Steps {
		value := step.Key
		if err := audience.Step(protocol.StepReply{Index: i, OK: true, Entries: &[]protocol.Entry{{Key: &value}}}); err != nil {
			return protocol.PlayedReply{}, err
		}
	}
	for _, name := range request.Dumps {
		if err := audience.Dump(protocol.DumpReply{Map: name, Message: string(attachment)}); err != nil {
			return protocol.PlayedReply{}, err
		}
	}
	return protocol.PlayedReply{}, nil
}

func (m machine) Features(request protocol.FeaturesRequest) (protocol.FeaturesReply, error) {
	return protocol.FeaturesReply{ProgramTypes: []string{"xdp"}, Helpers: map[string][]string{}}, nil
}

type connection struct {
	io.Reader
	io.Writer
}

// request is one message with its attachment.
type request struct {
	message    string
	attachment string
	// seal is that of the frame; the zero value is the greeting's of most tests.
	seal protocol.Seal
}

// exchange serves the requests and returns the replies as JSON, each with its attachment.
func exchange(t *testing.T, m Machine, requests ...request) (replies []string, outcome Outcome, err error) {
	t.Helper()
	var input, output bytes.Buffer
	for _, r := range requests {
		writer := protocol.FrameWriter{Writer: &input, Seal: r.seal}
		if err := writer.WriteFrame(json.RawMessage(r.message), []byte(r.attachment)); err != nil {
			t.Fatal(err)
		}
	}
	outcome, err = Serve(connection{&input, &output}, m)
	for {
		frame, readErr := protocol.ReadFrame(&output)
		if readErr == io.EOF {
			return replies, outcome, err
		}
		if readErr != nil {
			t.Fatal(readErr)
		}
		replies = append(replies, string(frame.Message)+string(frame.Attachment))
	}
}

const hello = `{"type":"hello","id":1,"protocol":3}`

func TestASession(t *testing.T) {
	replies, outcome, err := exchange(t, machine{},
		request{message: hello},
		request{message: `{"type":"load","id":2,"name":"fixture","logHead":1,"logTail":1}`, attachment: "object"},
		request{message: `{"type":"bye","id":3}`},
		request{message: `{"type":"hello","id":4,"protocol":3}`})
	if err != nil || outcome != Bye {
		t.Fatalf("%v, %v", outcome, err)
	}
	want := []string{`"type":"hello","id":1,"protocol":3`, `"type":"program","id":2`, `"type":"loaded","id":2,"programs":1,"kernelLog":[]`, `"type":"bye","id":3`}
	if len(replies) != len(want) {
		t.Fatalf("%d replies: %q", len(replies), replies)
	}
	for i := range want {
		if !strings.Contains(replies[i], want[i]) {
			t.Errorf("reply %d: %s", i, replies[i])
		}
	}
	if !strings.HasSuffix(replies[1], "log of fixture") || !strings.Contains(replies[1], `"stackDepths":[]`) {
		t.Errorf("the program's reply: %s", replies[1])
	}
}

func TestAPreparedLoad(t *testing.T) {
	replies, _, err := exchange(t, machine{}, request{message: hello},
		request{message: `{"type":"load","id":2,"name":"fixture","prepare":true}`, attachment: "object"},
		request{message: `{"type":"load-prepared","id":3,"name":"fixture"}`, attachment: "prepared"},
		request{message: `{"type":"load-prepared","id":4,"name":"fixture"}`, attachment: "another"})
	if err != nil || len(replies) != 6 {
		t.Fatalf("%q, %v", replies, err)
	}
	for i, want := range map[int]string{
		2: `{"type":"loaded","id":2,"programs":1,"kernelLog":[]}prepared`,
		4: `{"type":"loaded","id":3,"programs":1,"kernelLog":[]}`,
		5: `{"type":"error","id":4,"code":"stale","message":"not as before"}`,
	} {
		if replies[i] != want {
			t.Errorf("%s\nwant %s", replies[i], want)
		}
	}
}

func TestErrorsOfRequests(t *testing.T) {
	for name, c := range map[string]struct {
		request  request
		greeting bool
		want     string
	}{
		"load before hello":    {request{message: `{"type":"load","id":5}`}, false, `"id":5,"code":"protocol"`},
		"another protocol":     {request{message: `{"type":"hello","id":5,"protocol":1}`}, false, `"id":5,"code":"protocol"`},
		"unknown request":      {request{message: `{"type":"dance","id":5}`}, true, `"id":5,"code":"bad-request"`},
		"not an object":        {request{message: `[1]`}, true, `"id":0,"code":"bad-request"`},
		"wrong type":           {request{message: `{"type":"load","id":5,"logHead":"x"}`}, true, `"id":5,"code":"bad-request"`},
		"no object":            {request{message: `{"type":"play","id":5,"objectBytes":7,"stepTimeoutMs":1}`, attachment: "object"}, true, `"id":5,"code":"bad-request"`},
		"too many files":       {request{message: `{"type":"play","id":5,"objectBytes":6,"files":[{"name":"a","bytes":-1}],"stepTimeoutMs":1}`, attachment: "object"}, true, `"id":5,"code":"bad-request"`},
		"a path for a file":    {request{message: `{"type":"play","id":5,"objectBytes":6,"files":[{"name":"../a","bytes":0}],"stepTimeoutMs":1}`, attachment: "object"}, true, `"id":5,"code":"bad-request"`},
		"no time for a step":   {request{message: `{"type":"play","id":5,"objectBytes":6}`, attachment: "object"}, true, `"id":5,"code":"bad-request"`},
		"bytes that are none":  {request{message: `{"type":"play","id":5,"objectBytes":6,"stepTimeoutMs":1,"steps":[{"key":"zz"}]}`, attachment: "object"}, true, `"id":5,"code":"bad-request"`},
		"negative size":        {request{message: `{"type":"load","id":5,"logHead":-1}`}, true, `"id":5,"code":"bad-request"`},
		"an object of no kind": {request{message: `{"type":"load","id":5}`, attachment: "bad"}, true, `"id":5,"code":"bad-object","message":"not an ELF file"`},
	} {
		t.Run(name, func(t *testing.T) {
			requests := []request{c.request}
			if c.greeting {
				requests = []request{{message: hello}, c.request}
			}
			replies, outcome, err := exchange(t, machine{}, append(requests, request{message: hello})...)
			if err != nil || outcome != Disconnected {
				t.Fatalf("%v, %v", outcome, err)
			}
			// The session goes on behind the error.
			if len(replies) != len(requests)+1 || !strings.Contains(replies[len(requests)-1], c.want) {
				t.Errorf("%q", replies)
			}
		})
	}
}

func TestAScenario(t *testing.T) {
	replies, _, err := exchange(t, machine{}, request{message: hello}, request{message: `{"type":"play","id":2,"objectBytes":6,
		"steps":[{"kind":"lookup","map":"m","key":"00ff"},{"kind":"lookup","map":"m","key":""}],"dumps":["m"],"stepTimeoutMs":1}`, attachment: "object"})
	if err != nil || len(replies) != 5 {
		t.Fatalf("%q, %v", replies, err)
	}
	for i, want := range []string{
		`{"type":"step","id":2,"index":0,"ok":true,"errno":null,"message":"","entries":[{"key":"00ff","values":[]}]}`,
		`{"type":"step","id":2,"index":1,"ok":true,"errno":null,"message":"","entries":[{"key":"","values":[]}]}`,
		`{"type":"dump","id":2,"map":"m","ok":false,"errno":null,"message":"object","entries":[]}`,
		`{"type":"played","id":2,"failure":"","errno":null,"kernelLog":[]}`,
	} {
		if replies[i+1] != want {
			t.Errorf("%s\nwant %s", replies[i+1], want)
		}
	}
}

func TestAPanicIsAnInternalError(t *testing.T) {
	silenceStderr(t)
	replies, _, err := exchange(t, machine{panics: true}, request{message: hello}, request{message: `{"type":"load","id":2}`})
	if err != nil || len(replies) != 2 || !strings.Contains(replies[1], `"code":"internal","message":"panic: a bug"`) {
		t.Errorf("%q, %v", replies, err)
	}
}

func TestGarbageEndsTheSession(t *testing.T) {
	_, err := Serve(connection{strings.NewReader("garbage in place of a frame"), io.Discard}, machine{})
	var broken *protocol.BrokenStreamError
	if !errors.As(err, &broken) || !strings.Contains(err.Error(), `"garbage in place of a frame"`) {
		t.Error(err)
	}
}

func TestAConnectionThatEndsInsideAFrame(t *testing.T) {
	_, err := Serve(connection{strings.NewReader("XBPF\x10"), io.Discard}, machine{})
	var broken *ConnectionError
	if !errors.As(err, &broken) || !strings.Contains(err.Error(), "middle of a frame") {
		t.Error(err)
	}
}

func TestRepliesHaveTheSealOfTheLastGreeting(t *testing.T) {
	var input, output bytes.Buffer
	for _, seal := range []string{"the first one...", "the second one.."} {
		writer := protocol.FrameWriter{Writer: &input, Seal: protocol.Seal([]byte(seal))}
		if err := writer.WriteFrame(json.RawMessage(hello), nil); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := Serve(connection{&input, &output}, machine{}); err != nil {
		t.Fatal(err)
	}
	for _, seal := range []string{"the first one...", "the second one.."} {
		if frame, err := protocol.ReadFrame(&output); err != nil || string(frame.Seal[:]) != seal {
			t.Errorf("%q: %q, %v", seal, frame.Seal, err)
		}
	}
}

func TestARequestWithAnotherSealEndsTheSession(t *testing.T) {
	forged := request{message: `{"type":"load","id":2,"name":"fixture"}`, seal: protocol.Seal{1}}
	replies, _, err := exchange(t, machine{}, request{message: hello}, forged)
	if !errors.Is(err, protocol.ErrSeal) || len(replies) != 1 {
		t.Errorf("%v, %v", replies, err)
	}
}

// deaf fails to write, as a connection does whose other end is gone.
type deaf struct{}

func (deaf) Write([]byte) (int, error) { return 0, io.ErrClosedPipe }

func TestAConnectionThatBreaksEndsTheSession(t *testing.T) {
	var input bytes.Buffer
	if err := (protocol.FrameWriter{Writer: &input}).WriteFrame(json.RawMessage(hello), nil); err != nil {
		t.Fatal(err)
	}
	_, err := Serve(connection{&input, deaf{}}, machine{})
	var broken *ConnectionError
	if !errors.As(err, &broken) || !errors.Is(err, io.ErrClosedPipe) {
		t.Error(err)
	}
}

func silenceStderr(t *testing.T) {
	t.Helper()
	null, err := os.OpenFile(os.DevNull, os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	saved := os.Stderr
	os.Stderr = null
	t.Cleanup(func() { os.Stderr = saved; null.Close() })
}
