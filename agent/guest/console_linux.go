package guest

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

// console writes short lines to the kernel's log, which prints them on the console. It never waits for the console's
// other end, as a terminal would. Its level is one that a quiet kernel prints too.
type console struct{ kmsg int }

func openConsole() *console {
	fd, err := unix.Open("/dev/kmsg", unix.O_WRONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		fd = -1
	}
	return &console{kmsg: fd}
}

func (c *console) printf(format string, arguments ...any) {
	line := fmt.Sprintf("crossbpf-agent: "+format, arguments...)
	if c.kmsg >= 0 {
		// Without its line feed the kernel holds a line back, as it could be continued.
		if _, err := unix.Write(c.kmsg, []byte("<3>"+line+"\n")); err == nil {
			return
		}
	}
	fmt.Fprintln(os.Stderr, line)
}
