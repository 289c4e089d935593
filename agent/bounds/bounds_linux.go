package bounds

import "golang.org/x/sys/unix"

func apply(limits Limits) {
	seconds := uint64(limits.Processor.Seconds())
	// A limit that cannot be set is one that is lower already.
	_ = unix.Setrlimit(unix.RLIMIT_AS, &unix.Rlimit{Cur: limits.Memory, Max: limits.Memory})
	_ = unix.Setrlimit(unix.RLIMIT_CPU, &unix.Rlimit{Cur: seconds, Max: seconds})
	_ = unix.Setrlimit(unix.RLIMIT_CORE, &unix.Rlimit{})
}
