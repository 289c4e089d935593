package efw

import (
	"strings"
	"testing"
)

// What goes to the driver and comes back has a length of 16 bits.
func TestTheRoomOfATestRun(t *testing.T) {
	for name, c := range map[string]struct {
		run  Run
		want int
	}{
		"as wanted":                          {Run{Data: make([]byte, 60), Room: 4156}, 4156},
		"as much as goes in, at least":       {Run{Data: make([]byte, 60)}, 60},
		"with a context, what goes in":       {Run{Data: make([]byte, 60), Ctx: make([]byte, 56), Room: 4156}, 60},
		"no more than a reply holds":         {Run{Data: make([]byte, 65_000), Room: 69_096}, 65_503},
		"of the largest request":             {Run{Data: make([]byte, 65_493)}, 65_493},
		"of a context alone, as sock_ops is": {Run{Ctx: make([]byte, 64)}, 0},
	} {
		if got, err := c.run.roomFor(); got != c.want || err != nil {
			t.Errorf("%s: %d, %v; not %d", name, got, err, c.want)
		}
	}
	_, err := Run{Data: make([]byte, 65_490), Ctx: make([]byte, 32)}.roomFor()
	if err == nil || !strings.Contains(err.Error(), "65522 bytes of data and context are more than the 65493") {
		t.Errorf("too much: %v", err)
	}
}
