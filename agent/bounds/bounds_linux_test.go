package bounds

import (
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// Each way to go beyond the limits is tried by this binary in a process of its own.
var ways = map[string]func(){
	"memory": func() { taken = make([]byte, 4<<30) },
	"stack":  func() { deep(&link{}) },
	"processor": func() {
		for {
			spun++
		}
	},
}

var (
	taken []byte
	spun  int
)

// link refers to itself, as a pointer's type may.
type link struct{ next *link }

func deep(l *link) int {
	l.next = l
	return deep(l.next) + 1
}

func TestMain(m *testing.M) {
	if way, ok := ways[os.Getenv("CROSSBPF_TEST_BOUNDS")]; ok {
		Apply(Limits{Memory: 2 << 30, Processor: time.Second})
		way()
	}
	os.Exit(m.Run())
}

func TestLimitsEndTheProcess(t *testing.T) {
	// What the harness tells them apart by: `harness/agent/bounded-agent.ts`.
	expected := map[string]string{"memory": "out of memory", "stack": "goroutine stack exceeds", "processor": "killed"}
	for way, said := range expected {
		t.Run(way, func(t *testing.T) {
			t.Parallel()
			command := exec.Command(os.Args[0])
			command.Env = append(os.Environ(), "CROSSBPF_TEST_BOUNDS="+way)
			start := time.Now()
			output, err := command.CombinedOutput()
			if err == nil {
				t.Fatal("it went on")
			}
			if !strings.Contains(string(output)+err.Error(), said) {
				t.Errorf("%v: %.300s", err, output)
			}
			if took := time.Since(start); took > 30*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}
