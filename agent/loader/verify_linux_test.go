package loader

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// fakeKernel writes logs as kernels do, of a program that it rejects or accepts.
type fakeKernel struct {
	// rotates tells a kernel from 6.4 on, which keeps the end of a log and tells its size, from an older one, which
	// keeps its start.
	rotates bool
	errno   unix.Errno
	words   string // with the statistics alone
	trace   string // stands before the words when each instruction is logged
	verbose string // stands there in the most verbose log
	calls   int
}

func (k *fakeKernel) load(attr *progLoadAttr, _ uintptr) (int, unix.Errno) {
	k.calls++
	if attr.logLevel == 0 {
		return 1<<30 - 1, k.errno
	}
	text := k.words
	if attr.logLevel&levelBranch != 0 {
		text = k.trace + k.words
	}
	if attr.logLevel&levelVerbose != 0 {
		text = k.verbose + k.words
	}
	buffer := bytesAt(attr.logBuf, int(attr.logSize))
	room := len(buffer) - 1
	full := len(text) > room
	if k.rotates {
		attr.logTrueSize = uint32(len(text) + 1)
	}
	if full && k.rotates && attr.logLevel&levelFixed == 0 {
		text = text[len(text)-room:]
	}
	n := copy(buffer[:room], text)
	buffer[n] = 0
	if full {
		return -1, unix.ENOSPC
	}
	return 1<<30 - 1, k.errno
}

const stats510 = "processed 5 insns (limit 1000000) max_states_per_insn 0 total_states 1 peak_states 1 mark_read 1\n"

func ask(k *fakeKernel, keep limits) verification {
	return verify(&loadCall{kernel: k.load}, keep)
}

func TestAnAcceptedProgramIsAskedForOnce(t *testing.T) {
	k := &fakeKernel{words: stats510}
	v := ask(k, limits{head: 1000, tail: 1000})
	if v.errno != 0 || k.calls != 1 || string(v.log.text) != stats510 || *v.stats.insns != 5 {
		t.Errorf("%+v after %d calls", v, k.calls)
	}
}

func TestTheLogOfARejectedProgramIsWhole(t *testing.T) {
	k := &fakeKernel{errno: unix.EACCES, trace: "0: R1=ctx() R10=fp0\n0: (bf) r2 = r0\n", words: "R0 !read_ok\n" + stats510}
	v := ask(k, limits{head: 1000, tail: 1000})
	if v.errno != unix.EACCES || k.calls != 2 || string(v.log.text) != k.trace+k.words || string(v.words) != k.trace+"R0 !read_ok\n" {
		t.Errorf("%+v after %d calls", v, k.calls)
	}
}

func TestALogMayNotBeWorthItsTime(t *testing.T) {
	for insns, calls := range map[uint64]int{0: 2, 4: 1, 5: 2} {
		k := &fakeKernel{errno: unix.E2BIG, trace: "0: (b7) r0 = 0 ; R0_w=0\n", words: "too large\n" + stats510}
		v := ask(k, limits{head: 1000, tail: 1000, insns: insns})
		if k.calls != calls || !bytes.HasSuffix(v.log.text, []byte(k.words)) || v.log.omitted() != 0 {
			t.Errorf("up to %d instructions: %q after %d calls", insns, v.log.text, k.calls)
		}
		if said := bytes.HasPrefix(v.log.text, []byte("[crossbpf: only")); said != (calls == 1) {
			t.Errorf("up to %d instructions: %q", insns, v.log.text)
		}
	}
}

func TestTheStateOfRegistersIsAskedForWhereTheLogLacksIt(t *testing.T) {
	// Of 5.10: without the state, and with it in the most verbose log.
	const trace, words = "0: (b7) r1 = 0\n1: (79) r0 = *(u64 *)(r1 +0)\n", "R1 invalid mem access 'inv'\n"
	const verbose = "0: R1=ctx(id=0,off=0,imm=0) R10=fp0\n0: (b7) r1 = 0\n1: R1_w=inv0 R10=fp0\n1: (79) r0 = *(u64 *)(r1 +0)\n"
	k := &fakeKernel{errno: unix.EACCES, trace: trace, verbose: verbose, words: words + stats510}
	v := ask(k, limits{head: 1000, tail: 1000})
	if string(v.log.text) != trace+words+stats510 || string(v.trace) != verbose+words || *v.blame != (blame{insn: 1}) {
		t.Errorf("%q, trace %q, %+v", v.log.text, v.trace, v.blame)
	}
	k.words = words + strings.Replace(stats510, "processed 5", "processed 10001", 1)
	if v := ask(k, limits{head: 1000, tail: 1000}); v.trace != nil || *v.blame != (blame{insn: 1}) {
		t.Errorf("of many instructions: trace %q, %+v", v.trace, v.blame)
	}
	k.words, k.verbose = words+stats510, verbose+longTrace(2*statsWindow)
	if v := ask(k, limits{head: 1000, tail: 1000}); len(v.trace) > statsWindow || !strings.HasSuffix(string(v.trace), words) {
		t.Errorf("of a long log: %d bytes", len(v.trace))
	}
}

// longTrace is larger than any buffer that a test with this limit takes.
func longTrace(size int) string {
	var trace strings.Builder
	for i := 0; trace.Len() < size; i++ {
		fmt.Fprintf(&trace, "%d: (b7) r0 = 0\n", i)
	}
	return trace.String()
}

func TestAHugeLogKeepsItsEndsOnEveryKernel(t *testing.T) {
	const words = "R0 !read_ok\n" + stats510
	trace := longTrace(3 << 20)
	whole := trace + words
	for _, rotates := range []bool{false, true} {
		v := ask(&fakeKernel{rotates: rotates, errno: unix.EACCES, trace: trace, words: words}, limits{head: 1000, tail: 2000})
		if want := whole[:1000] + whole[len(whole)-2000:]; string(v.log.text) != want || v.log.total != int64(len(whole)) {
			t.Errorf("rotates %v: %d of %d bytes", rotates, len(v.log.text), v.log.total)
		}
		if v.log.omitted() != int64(len(whole)-3000) {
			t.Errorf("rotates %v: %d omitted", rotates, v.log.omitted())
		}
	}
}

func TestALogLargerThanTheBuffer(t *testing.T) {
	const words = "R0 !read_ok\n" + stats510
	trace := longTrace(2 << 20)
	whole := trace + words
	for _, rotates := range []bool{false, true} {
		k := &fakeKernel{rotates: rotates, errno: unix.EACCES, trace: trace, words: words}
		call := &loadCall{kernel: k.load}
		v := verification{said: []byte(words)}
		v.readLog(call, limits{head: 1000, tail: 2000}, make([]byte, 1<<20))
		if !bytes.HasPrefix(v.log.text, []byte(whole[:1000])) || !bytes.HasSuffix(v.log.text, []byte(words)) {
			t.Errorf("rotates %v: the ends are not those of the log: %q", rotates, v.log.text)
		}
		if string(v.words) == "" || !bytes.HasSuffix(v.words, []byte("R0 !read_ok\n")) {
			t.Errorf("rotates %v: words %q", rotates, v.words)
		}
		switch {
		case rotates && (v.log.truncated || v.log.total != int64(len(whole)) || len(v.log.text) != 3000):
			t.Errorf("a kernel that rotates tells all: %d of %d bytes", len(v.log.text), v.log.total)
		case !rotates && (!v.log.truncated || !bytes.Contains(v.log.text, []byte("[crossbpf: the log was longer than"))):
			t.Errorf("an older kernel cannot tell the end, which must be said")
		}
	}
}

func TestALogOfErrorsMayBeLarge(t *testing.T) {
	for _, rotates := range []bool{false, true} {
		k := &fakeKernel{rotates: rotates, errno: unix.EINVAL, words: longTrace(300<<10) + stats510}
		v := ask(k, limits{head: 1 << 20, tail: 1 << 20})
		if v.errno != unix.EINVAL || len(v.said) != len(k.words) || *v.stats.insns != 5 {
			t.Errorf("rotates %v: %v with %d of %d bytes", rotates, v.errno, len(v.said), len(k.words))
		}
	}
}

func TestAnEndlessLogDoesNotHideTheVerdict(t *testing.T) {
	k := &fakeKernel{rotates: true, words: longTrace(largestVerdict+1) + stats510}
	v := ask(k, limits{head: 1000, tail: 1000})
	if v.errno != 0 || *v.stats.insns != 5 {
		t.Errorf("%v, %+v", v.errno, v.stats)
	}
}

func TestNoSpaceLeftWithoutALogIsAVerdict(t *testing.T) {
	k := &fakeKernel{errno: unix.ENOSPC, words: "no more space\n"}
	if v := ask(k, limits{head: 1000, tail: 1000}); v.errno != unix.ENOSPC || len(v.log.text) == 0 {
		t.Errorf("%+v", v)
	}
}

func TestSignalsMakeTheVerifierStartAgain(t *testing.T) {
	interrupted := 3
	k := &fakeKernel{words: stats510}
	call := &loadCall{kernel: func(attr *progLoadAttr, size uintptr) (int, unix.Errno) {
		if interrupted--; interrupted >= 0 {
			return -1, unix.EAGAIN
		}
		return k.load(attr, size)
	}}
	if v := verify(call, limits{head: 1000, tail: 1000}); v.errno != 0 || k.calls != 1 {
		t.Errorf("%v after %d calls", v.errno, k.calls)
	}
}

func TestFindUnknown(t *testing.T) {
	// A kernel before 5.18, without frags of XDP, and before 6.7, without Unix sockets' hooks.
	old := func(attr *progLoadAttr, _ uintptr) (int, unix.Errno) {
		known := attr.progFlags&(1<<5) == 0 && attr.expectedAttachType < 40
		if known {
			return 1<<30 - 1, 0
		}
		return -1, unix.EINVAL
	}
	for _, c := range []struct {
		attr progLoadAttr
		want string
	}{
		{progLoadAttr{progType: 6, progFlags: 1<<4 | 1<<5}, "program flag BPF_F_XDP_HAS_FRAGS"},
		{progLoadAttr{progType: 18, expectedAttachType: 49}, "attach type cgroup_unix_connect"},
		{progLoadAttr{progType: 3, expectedAttachType: 46}, "attach type tcx_ingress"},
		{progLoadAttr{progType: 6, progFlags: 1 << 5, expectedAttachType: 46}, ""},
	} {
		v := verify(&loadCall{attr: c.attr, kernel: old}, limits{head: 10, tail: 10})
		if v.unknown != c.want {
			t.Errorf("%+v: %q", c.attr, v.unknown)
		}
	}
}
