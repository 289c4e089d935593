package guest

import (
	"os"
	"runtime/debug"

	"golang.org/x/sys/unix"
)

// bringUpLoopback makes 127.0.0.1 reachable.
func bringUpLoopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	request, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, request); err != nil {
		return err
	}
	request.SetUint16(request.Uint16() | unix.IFF_UP)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, request)
}

// nameConfig gives the kernel's configuration the name under which loaders look for it, as a guest may get it as
// /boot/config without knowing the kernel's release.
func nameConfig() {
	var names unix.Utsname
	if err := unix.Uname(&names); err == nil {
		_ = os.Symlink("config", "/boot/config-"+unix.ByteSliceToString(names.Release[:]))
	}
}

// boundMemory keeps the agent's heap small, as an agent out of memory is a machine that panics. The limit is a soft
// one: it makes Go collect more often, and nothing fail.
func boundMemory() {
	var info unix.Sysinfo_t
	if err := unix.Sysinfo(&info); err != nil {
		return
	}
	debug.SetMemoryLimit(int64(uint64(info.Totalram) * uint64(info.Unit) / 3))
}

// powerOff ends the machine. It returns only where the kernel cannot do it.
func powerOff() error {
	unix.Sync()
	return unix.Reboot(unix.LINUX_REBOOT_CMD_POWER_OFF)
}

// bootSeconds is how long the machine has been up, for the console.
func bootSeconds() float64 {
	var now unix.Timespec
	_ = unix.ClockGettime(unix.CLOCK_BOOTTIME, &now)
	return float64(now.Nano()) / 1e9
}
