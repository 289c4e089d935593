package kmsg

import (
	"slices"
	"testing"
)

func collect(t *testing.T, raw ...string) []string {
	t.Helper()
	var c collector
	for _, text := range raw {
		entry, ok := parseRecord(text)
		if !ok {
			t.Fatalf("not read: %q", text)
		}
		c.add(entry)
	}
	return c.result()
}

func TestWarningsAndTheirTraces(t *testing.T) {
	got := collect(t,
		"6,339,5140900,-;NET: Registered protocol family 10",
		"4,340,5690716,-;agent[1] is installing a program with bpf_probe_write_user helper\n SUBSYSTEM=x",
		"4,341,1,-;------------[ cut here ]------------",
		"4,342,1,-;WARNING: CPU: 0 PID: 1 at kernel/bpf/verifier.c:1 check+0x1",
		"6,343,1,-;Modules linked in: veth",
		"4,344,1,-;---[ end trace 0000000000000000 ]---",
		"6,345,1,-;back to normal",
		"3,346,1,-;BUG: unable to handle page fault",
	)
	want := []string{
		"agent[1] is installing a program with bpf_probe_write_user helper",
		"------------[ cut here ]------------",
		"WARNING: CPU: 0 PID: 1 at kernel/bpf/verifier.c:1 check+0x1",
		"Modules linked in: veth",
		"---[ end trace 0000000000000000 ]---",
		"BUG: unable to handle page fault",
	}
	if !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
}

func TestNoiseIsLeftOut(t *testing.T) {
	got := collect(t,
		"11,1,1,-;crossbpf-agent: a line of our own, of facility user",
		"4,2,1,-;clocksource: Long readout interval, skipping watchdog check: cs_nsec: 2170082658 wd_nsec: 2170054850",
		"4,3,1,-;hrtimer: interrupt took 10551060 ns",
		"4,4,1,-;TSC found unstable after boot, most likely due to broken BIOS. Use 'tsc=unstable'.",
	)
	if len(got) != 0 {
		t.Errorf("%q", got)
	}
}

func TestAFloodIsCounted(t *testing.T) {
	var c collector
	for range maxLines + 5 {
		c.add(record{level: warning, text: "again"})
	}
	got := c.result()
	if len(got) != maxLines+1 || got[maxLines] != "(and 5 more lines)" {
		t.Errorf("%d lines, the last %q", len(got), got[len(got)-1])
	}
}

func TestWhatIsNoRecord(t *testing.T) {
	for _, text := range []string{"", "no semicolon", "x,1,1,-;text"} {
		if entry, ok := parseRecord(text); ok {
			t.Errorf("%q: %+v", text, entry)
		}
	}
}
