package loader

import (
	"bytes"
	"fmt"
	"time"

	"golang.org/x/sys/unix"

	"crossbpf/agent/protocol"
)

// Bits of a log level (include/linux/bpf_verifier.h). With the statistics alone a log holds what is wrong and the
// statistics, but not each instruction.
const (
	levelBranch  = 1 << 0
	levelVerbose = 1 << 1
	levelStats   = 1 << 2
	levelFixed   = 1 << 3 // from 6.4 on: keep the start of a log that does not fit, not its end
)

const (
	firstLog       = 64 << 10
	largestVerdict = 16 << 20
	largestLog     = 1<<30 - 1 // the kernel refuses larger buffers
	// largestTraced is beyond how many processed instructions the most verbose log, of some 300 bytes for each, is not
	// worth its time.
	largestTraced = 10_000
)

// verification is what the kernel made of one BPF_PROG_LOAD.
type verification struct {
	fd    int // of an accepted program, else -1
	errno unix.Errno
	log   verifierLog
	stats stats
	took  time.Duration
	// said is the log that came with the statistics alone, which is never cut.
	said []byte
	// words is the end of the log, as far as the line that names what is wrong.
	words []byte
	// blame is what the verifier found to be wrong; nil where the log does not tell.
	blame *blame
	// trace is the end of a more verbose log, for kernels that show the state of registers nowhere else.
	trace []byte
	// unknown names what the call holds that this kernel does not know, where the verifier said nothing.
	unknown string
}

// reply is an answer with what every answer has, on a program by its name, its section and its type.
func (v *verification) reply(name, section, kind string) protocol.ProgramReply {
	return protocol.ProgramReply{
		Name:        name,
		Section:     section,
		ProgramType: kind,
		Insns:       v.stats.insns,
		PeakStates:  v.stats.peakStates,
		TotalStates: v.stats.totalStates,
		StackDepths: v.stats.stackDepths,
		LogBytes:    v.log.total,
		LogOmitted:  v.log.omitted(),
		LoadNs:      v.took.Nanoseconds(),
	}
}

// verify asks the kernel for its verdict, and for the whole log of a rejected program.
func verify(call *loadCall, keep limits) verification {
	v := askVerdict(call)
	v.stats = parseStats(v.said)
	switch {
	case v.errno == 0:
		v.log = keep.cut(v.said, nil)
	case v.isSilent():
		if v.unknown = findUnknown(call); len(v.said) > 0 {
			v.log = keep.cut(v.said, nil)
		}
	case v.stats.insns != nil && keep.insns > 0 && *v.stats.insns > keep.insns:
		v.log = lastWords(keep, v)
		v.heed(v.said, call.code())
	default:
		v.askLog(call, keep)
	}
	return v
}

// isSilent tells that the verifier had nothing to say, but for statistics of no instruction at all.
func (v *verification) isSilent() bool {
	return len(v.said) == 0 || v.stats.insns != nil && *v.stats.insns == 0 && len(bytes.TrimSpace(errorWords(v.said))) == 0
}

// askVerdict loads the program with a log of errors and statistics, in a buffer that grows until that fits.
func askVerdict(call *loadCall) verification {
	for size := firstLog; ; size *= 4 {
		buffer := call.logBuffer(size)
		start := time.Now()
		fd, errno, log := call.performWithLog(levelStats, buffer)
		took := time.Since(start)
		if errno != unix.ENOSPC || !isFull(call, buffer, log) {
			return verification{fd: fd, errno: errno, said: log, took: took}
		}
		if size >= largestVerdict {
			// The error of the log stands in the way of the verdict, which a call without a log gives.
			call.attr.logLevel, call.attr.logSize, call.attr.logBuf, call.attr.logTrueSize = 0, 0, 0, 0
			fd, errno = call.perform()
			return verification{fd: fd, errno: errno, said: log, took: took}
		}
	}
}

// isFull tells a log that did not fit from a program that was refused with the same error.
func isFull(call *loadCall, buffer, log []byte) bool {
	if call.attr.logTrueSize > 0 {
		return int(call.attr.logTrueSize) > len(buffer)
	}
	return len(log) >= len(buffer)-1
}

// askLog loads a program again that was rejected, for the log of all that the verifier looked at.
func (v *verification) askLog(call *loadCall, keep limits) {
	v.log = keep.cut(v.said, nil)
	v.heed(v.said, call.code())
	buffer, err := mapBuffer(min(largestLog, keep.room()))
	if err != nil {
		return
	}
	defer unmapBuffer(buffer)
	v.readLog(call, keep, buffer)
	if v.blame != nil && lacksStates(v.words) && v.stats.insns != nil && *v.stats.insns <= largestTraced {
		v.trace = askTrace(call, buffer)
	}
}

// heed reads from the end of a log what is wrong, and with which instruction.
func (v *verification) heed(log []byte, code bytecode) {
	v.words = errorWords(log)
	v.blame = findBlame(log[max(0, len(log)-statsWindow):], code)
}

// readLog loads the program with a buffer for its log.
func (v *verification) readLog(call *loadCall, keep limits, buffer []byte) {
	fd, errno, log := call.performWithLog(levelBranch|levelStats, buffer)
	if errno == 0 {
		unix.Close(fd)
	}
	switch {
	case len(log) == 0:
	case errno != unix.ENOSPC || !isFull(call, buffer, log):
		v.log = keep.cut(log, nil)
		v.heed(log, call.code())
	case call.attr.logTrueSize > 0:
		v.heed(log, call.code())
		v.log = askHead(call, keep, log)
	default:
		v.heed(v.said, call.code())
		v.log = withoutEnd(keep, log, v.said)
	}
}

// askTrace loads the program once more for the end of its most verbose log, as far as what is wrong.
func askTrace(call *loadCall, buffer []byte) []byte {
	fd, errno, log := call.performWithLog(levelVerbose, buffer)
	if errno == 0 {
		unix.Close(fd)
	}
	if errno == unix.ENOSPC && isFull(call, buffer, log) {
		return nil
	}
	return errorWords(log)
}

// askHead completes a log of which the buffer holds the end, as kernels from 6.4 on leave it.
func askHead(call *loadCall, keep limits, end []byte) verifierLog {
	total := int64(call.attr.logTrueSize) - 1
	end = end[len(end)-min(keep.tail, len(end)):]
	result := verifierLog{total: total}
	if keep.head > 0 {
		head := make([]byte, keep.head+1)
		fd, errno, start := call.performWithLog(levelBranch|levelStats|levelFixed, head)
		if errno == 0 {
			unix.Close(fd)
		}
		result.text = append(result.text, start...)
	}
	result.text = append(result.text, end...)
	return result
}

// withoutEnd makes do with a log whose end the kernel dropped, as kernels before 6.4 do: what the verifier said with
// the statistics stands in for it.
func withoutEnd(keep limits, start, said []byte) verifierLog {
	note := fmt.Sprintf("\n[crossbpf: the log was longer than the %d bytes that this kernel could be given; "+
		"after these come the verifier's last words]\n", len(start))
	result := keep.cut(start, append([]byte(note), said...))
	result.truncated = true
	return result
}

// lastWords is the log of a program for which the whole one would take too long.
func lastWords(keep limits, v verification) verifierLog {
	note := fmt.Sprintf("[crossbpf: only the verifier's last words, as it processed more than %d instructions]\n", keep.insns)
	return keep.cut([]byte(note), v.said)
}

// untilZero returns what stands before the first zero byte.
func untilZero(buffer []byte) []byte {
	if end := bytes.IndexByte(buffer, 0); end >= 0 {
		return buffer[:end]
	}
	return buffer
}
