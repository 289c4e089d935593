package efw

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"golang.org/x/sys/windows"
)

// role is what this test's program is when it starts itself.
const role = "CROSSBPF_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "parent":
		child := exec.Command(os.Args[0])
		child.Env = append(os.Environ(), role+"=child")
		child.Stdout = os.Stdout
		if err := child.Start(); err != nil {
			os.Exit(1)
		}
		// Its caller finds it by this number.
		fmt.Print(child.Process.Pid)
		os.Exit(0)
	case "child":
		time.Sleep(5 * time.Minute)
	}
	os.Exit(m.Run())
}

// A child that keeps the output open neither holds up the command nor outlives it.
func TestWhatACommandLeavesBehindEndsWithIt(t *testing.T) {
	file := filepath.Join(os.TempDir(), fmt.Sprintf("left-%d.txt", os.Getpid()))
	output, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	defer os.Remove(file)
	command := exec.Command(os.Args[0])
	command.Env = append(os.Environ(), role+"=parent")
	command.Stdout = output
	if err := runContained(command); err != nil {
		t.Fatal(err)
	}
	output.Close()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	pid, err := strconv.Atoi(string(text))
	if err != nil {
		t.Fatalf("it has started nothing: %q", text)
	}
	child, err := windows.OpenProcess(windows.SYNCHRONIZE, false, uint32(pid))
	if err != nil {
		return
	}
	defer windows.CloseHandle(child)
	if event, err := windows.WaitForSingleObject(child, 60_000); event != windows.WAIT_OBJECT_0 {
		t.Errorf("it still runs: %d, %v", event, err)
	}
}
