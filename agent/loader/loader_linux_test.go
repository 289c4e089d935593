package loader

import (
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/features"
	"golang.org/x/sys/unix"

	"crossbpf/agent/clangtest"
	"crossbpf/agent/kmsg"
	"crossbpf/agent/protocol"
)

// verdictsSource has programs whose verdicts are the same on every kernel from 5.10 on.
const verdictsSource = `
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
struct { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 4); __type(key, __u32); __type(value, __u64); } counts SEC(".maps");
extern void bpf_no_such_function(void) __ksym;
const volatile int limit = 8;
SEC("socket") int accepted(void *ctx) { __u32 k = limit; __u64 *v = bpf_map_lookup_elem(&counts, &k); return v ? *v : 0; }
SEC("socket") int rejected(void *ctx) { __u32 k = limit; __u64 *v = bpf_map_lookup_elem(&counts, &k); return *v; }
SEC("tc") int without_kfunc(void *ctx) { bpf_no_such_function(); return 0; }
SEC("fentry/no_such_function") int without_target(void *ctx) { return 0; }
SEC("freplace/some") int extension(void *ctx) { return 0; }
SEC("who/knows") int without_type(void *ctx) { return 0; }
char _license[] SEC("license") = "GPL";
`

// load loads an object into this machine's kernel, where that is permitted.
func load(t *testing.T, l *Loader, request protocol.LoadRequest, data []byte) (map[string]protocol.ProgramReply, map[string]string, error) {
	t.Helper()
	if err := features.HaveProgramType(ebpf.SocketFilter); errors.Is(err, unix.EPERM) || errors.Is(err, ebpf.ErrNotSupported) {
		t.Skipf("this machine permits no loading of programs: %v", err)
	}
	replies, logs := map[string]protocol.ProgramReply{}, map[string]string{}
	loaded, err := l.Load(request, data, func(reply protocol.ProgramReply, log []byte) error {
		replies[reply.Name], logs[reply.Name] = reply, string(log)
		return nil
	})
	if err == nil && loaded.Programs != len(replies) {
		t.Errorf("%d programs, %d replies", loaded.Programs, len(replies))
	}
	return replies, logs, err
}

func value[T any](pointer *T) any {
	if pointer == nil {
		return nil
	}
	return *pointer
}

func TestVerdictsOfThisKernel(t *testing.T) {
	object := clangtest.Compile(t, verdictsSource)
	for name, l := range map[string]*Loader{"with the gate": {types: btf.NewCache(), log: kmsg.Open(), gate: gateOrSkip(t)}, "without": {types: btf.NewCache(), log: kmsg.Open()}} {
		t.Run(name, func(t *testing.T) {
			replies, logs, err := load(t, l, protocol.LoadRequest{LogHead: 1 << 16, LogTail: 1 << 16}, object)
			if err != nil {
				t.Fatal(err)
			}
			for program, want := range map[string][4]any{
				"accepted":       {"accept", nil, nil, nil},
				"rejected":       {"reject", "EACCES", "load", nil},
				"without_kfunc":  {"unsupported", nil, "relocate", "kfunc bpf_no_such_function"},
				"without_target": {"unsupported", nil, "attach-target", "kernel function no_such_function"},
				"extension":      {"unsupported", nil, "attach-target", "program with function some to extend"},
				"without_type":   {"unsupported", nil, "load", `program type for section "who/knows"`},
			} {
				got := replies[program]
				if facts := [4]any{got.Verdict, value(got.Errno), value(got.Stage), value(got.Missing)}; facts != want {
					t.Errorf("%s: %v: %s", program, facts, got.Message)
				}
				if (got.Message == "") != (got.Verdict == protocol.Accept) || got.LogBytes != int64(len(logs[program])) {
					t.Errorf("%s: %q, %d bytes of log", program, got.Message, got.LogBytes)
				}
			}
			if got := replies["accepted"]; got.Insns == nil || *got.Insns == 0 || len(got.StackDepths) == 0 {
				t.Errorf("no statistics: %+v", got)
			}
			if !strings.Contains(replies["rejected"].Message, "invalid mem access 'map_value_or_null'") || !strings.Contains(logs["rejected"], "invalid mem access") {
				t.Errorf("%q\n%s", replies["rejected"].Message, logs["rejected"])
			}
			source := replies["rejected"].Source
			if (source != nil) != (l.gate != nil) || source != nil && (source.Function != "rejected" || !strings.Contains(source.At.Text, "return *v;")) {
				t.Errorf("source %+v", source)
			}
		})
	}
}

func TestOnlyTheProgramsAskedFor(t *testing.T) {
	object := clangtest.Compile(t, verdictsSource)
	l := &Loader{types: btf.NewCache(), log: kmsg.Open(), gate: gateOrSkip(t)}
	replies, _, err := load(t, l, protocol.LoadRequest{Programs: []string{"accepted"}}, object)
	if err != nil || len(replies) != 1 || replies["accepted"].LogOmitted != replies["accepted"].LogBytes {
		t.Errorf("%+v, %v", replies, err)
	}
	_, _, err = load(t, l, protocol.LoadRequest{Programs: []string{"accepted", "absent"}}, object)
	var coded *protocol.Error
	if !errors.As(err, &coded) || coded.Code != protocol.BadRequest || !strings.Contains(coded.Message, `"absent"`) {
		t.Error(err)
	}
}

func TestNothingStaysLoaded(t *testing.T) {
	object := clangtest.Compile(t, verdictsSource)
	l := &Loader{types: btf.NewCache(), log: kmsg.Open(), gate: gateOrSkip(t)}
	if _, _, err := load(t, l, protocol.LoadRequest{}, object); err != nil {
		t.Fatal(err)
	}
	before := openDescriptors(t)
	for range 5 {
		if _, _, err := load(t, l, protocol.LoadRequest{}, object); err != nil {
			t.Fatal(err)
		}
	}
	if after := openDescriptors(t); after > before {
		t.Errorf("%d file descriptors, then %d", before, after)
	}
}

func TestWarmUp(t *testing.T) {
	l := &Loader{types: btf.NewCache(), log: kmsg.Open(), gate: gateOrSkip(t)}
	if err := features.HaveProgramType(ebpf.SocketFilter); err != nil {
		t.Skipf("this machine permits no loading of programs: %v", err)
	}
	if failed := l.Warm(); len(failed) > 0 && l.HasBTF() {
		t.Error(failed)
	}
}

func TestBadObjects(t *testing.T) {
	for _, data := range []string{"", "text", "\x7fELF"} {
		_, err := (&Loader{types: btf.NewCache(), log: kmsg.Open()}).Load(protocol.LoadRequest{}, []byte(data), nil)
		var coded *protocol.Error
		if !errors.As(err, &coded) || coded.Code != protocol.BadObject {
			t.Errorf("%q: %v", data, err)
		}
	}
}

func TestTooMuchLogIsABadRequest(t *testing.T) {
	const most = int(^uint(0) >> 1)
	for _, request := range []protocol.LoadRequest{{LogHead: most, LogTail: most}, {LogHead: 1, LogTail: largestKept}} {
		_, err := (&Loader{types: btf.NewCache(), log: kmsg.Open()}).Load(request, nil, nil)
		var coded *protocol.Error
		if !errors.As(err, &coded) || coded.Code != protocol.BadRequest {
			t.Errorf("%+v: %v", request, err)
		}
	}
}

func openDescriptors(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(entries)
}
