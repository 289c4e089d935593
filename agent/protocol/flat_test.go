package protocol

import (
	"encoding/json"
	"reflect"
	"testing"
)

func pointer[T any](value T) *T { return &value }

// replies are messages as an agent sends them, plain ones and others.
var replies = map[string]any{
	"hello": HelloReply{
		Type: "hello", ID: 1, Protocol: Version, Agent: AgentFacts{"0.1.0", "linux", "amd64"},
		Kernel: KernelFacts{"6.12.1", "#1 SMP Debian 6.12.1-1 (2026-11-23)", "x86_64"}, BTF: true, Warnings: []string{},
	},
	"hello with all that it may have": HelloReply{
		Type: "hello", ID: 1 << 40, Agent: AgentFacts{"<0>", "linux", "amd64"}, Runtime: &RuntimeFacts{"eBPF for Windows", "1.4.0"},
		JIT: true, Warnings: []string{"mount: no"},
	},
	"hello of a kernel with quotes": HelloReply{Kernel: KernelFacts{Build: `#1 "SMP" <é> \n`}, Warnings: []string{}},
	"hello without warnings":        HelloReply{},
	"an accepted program": ProgramReply{
		Type: "program", ID: 2, Name: "count", Section: "xdp", ProgramType: "xdp", Verdict: Accept, Insns: pointer(uint64(17)),
		PeakStates: pointer(uint64(0)), StackDepths: []uint64{8, 0, 512}, LogBytes: 120, LogOmitted: 3, LoadNs: 1234567,
	},
	"a rejected program": ProgramReply{
		Type: "program", Name: "a&b", Verdict: Reject, Errno: pointer("EACCES"), Message: "R0 invalid mem access 'scalar'",
		Stage: pointer(StageLoad), Missing: pointer("helper x"), StackDepths: []uint64{}, Source: &Source{Insn: 3},
	},
	"a program of another origin": ProgramReply{Origin: FromNative, StackDepths: []uint64{}},
	"a program without depths":    ProgramReply{},
	"loaded":                      LoadedReply{Type: "loaded", ID: 2, Programs: 3, KernelLog: []string{}},
	"loaded with warnings":        LoadedReply{Type: "loaded", KernelLog: []string{"a <warning>"}},
	"loaded without a list":       LoadedReply{},
	"a message of another kind":   ByeReply{Type: "bye", ID: 3},
}

func TestAMessageIsWrittenAsEncodingJSONDoes(t *testing.T) {
	for name, reply := range replies {
		want, err := json.Marshal(reply)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := encode(reply); err != nil || string(got) != string(want) {
			t.Errorf("%s: %s, %v\nwant %s", name, got, err, want)
		}
	}
}

func TestMembersThatAreAdded(t *testing.T) {
	// A member that is added to a message must be added to what writes it; set, it makes the difference.
	for _, reply := range []any{HelloReply{}, ProgramReply{}, LoadedReply{}} {
		for i := range reflect.TypeOf(reply).NumField() {
			changed := reflect.New(reflect.TypeOf(reply)).Elem()
			for j := range changed.NumField() {
				if field := changed.Field(j); field.Kind() == reflect.Slice {
					field.Set(reflect.MakeSlice(field.Type(), 0, 0))
				}
			}
			fill(changed.Field(i))
			want, err := json.Marshal(changed.Interface())
			if err != nil {
				t.Fatal(err)
			}
			if got, _ := encode(changed.Interface()); string(got) != string(want) {
				t.Errorf("%T.%s: %s\nwant %s", reply, reflect.TypeOf(reply).Field(i).Name, got, want)
			}
		}
	}
}

// fill gives a value that is not zero, down to the last member.
func fill(value reflect.Value) {
	switch value.Kind() {
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		fill(value.Elem())
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), 1, 1))
		fill(value.Index(0))
	case reflect.Struct:
		for i := range value.NumField() {
			fill(value.Field(i))
		}
	case reflect.String:
		value.SetString("text")
	case reflect.Bool:
		value.SetBool(true)
	case reflect.Int, reflect.Int32, reflect.Int64:
		value.SetInt(7)
	case reflect.Uint8, reflect.Uint32, reflect.Uint64:
		value.SetUint(7)
	}
}

// requests are what may come from the harness, plain and not.
var requests = []string{
	`{"type":"hello","id":1,"protocol":2,"clock":"1763884800000000000","entropy":"00ff","jit":true}`,
	`{"type":"hello","id":1,"protocol":2,"jit":false}`,
	`{"type":"load","id":2,"name":"it","logHead":524288,"logTail":524288,"logInsns":100000,"prepare":true}`,
	`{"type":"load","id":2,"name":"it","logHead":9007199254740991,"logTail":0,"programs":["first"]}`,
	`{"type":"load","id":2,"name":"say \"it\"","logHead":1}`, `{"name":"é"}`, `{"name":null,"jit":null,"clock":null}`,
	`{}`, `{"id":18446744073709551615}`, `{"id":-1}`, `{"id":1.5}`, `{"id":01}`, `{"id":"1"}`, `{"logHead":-1}`, `{"jit":1}`, `{"name":1}`,
	`{"name":tru}`, `{"unknown":nonsense}`, `{"unknown":{"a":1}}`, `{"id":1,}`, `{"id":1}x`, `{"id":1`, `{"id"}`, `{"id":}`, `[1]`, ``, `{"":1}`,
	` { "id" : 1 } `, `{"id":1 }`, `{"ID":4}`, `{"id":1,"id":2}`, `{"jit":true,"jit":"x"}`,
}

func TestAMessageIsReadAsEncodingJSONDoes(t *testing.T) {
	for _, text := range requests {
		compare[Request](t, text)
		compare[HelloRequest](t, text)
		compare[LoadRequest](t, text)
	}
}

func compare[T any](t *testing.T, text string) {
	t.Helper()
	var want T
	wantErr := json.Unmarshal([]byte(text), &want)
	got, err := Decode[T]([]byte(text))
	if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(got, want) {
		t.Errorf("%s: %+v, %v\nwant %+v, %v", text, got, err, want, wantErr)
	}
}

func FuzzDecode(f *testing.F) {
	for _, text := range requests {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		compare[Request](t, text)
		compare[HelloRequest](t, text)
		compare[LoadRequest](t, text)
	})
}
