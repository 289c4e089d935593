package loader

import (
	"bufio"
	"os"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

const (
	smallestBuffer = 8 << 20
	// reservedMemory is left to the kernel and the verifier's own states, in bytes.
	reservedMemory = 96 << 20
)

// mapBuffer maps memory outside of Go's heap, which is only taken as far as the kernel writes to it.
func mapBuffer(size int) ([]byte, error) {
	return unix.Mmap(-1, 0, size, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_NORESERVE)
}

func unmapBuffer(buffer []byte) { _ = unix.Munmap(buffer) }

// room is how large a buffer for a log may be: as large as memory permits, and never smaller than what is to be kept.
func (l limits) room() int { return max(spareMemory(), l.head+l.tail+1) }

// spareMemory is how large a log may become, in bytes: an agent that is PID 1 must not run the machine out of memory.
func spareMemory() int {
	available, err := availableMemory()
	if err != nil {
		return smallestBuffer
	}
	return max(smallestBuffer, (available-reservedMemory)*2/3)
}

// availableMemory reads MemAvailable, in bytes.
func availableMemory() (int, error) {
	file, err := os.Open("/proc/meminfo")
	if err != nil {
		return 0, err
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		if rest, found := strings.CutPrefix(lines.Text(), "MemAvailable:"); found {
			kilobytes, err := strconv.Atoi(strings.TrimSuffix(strings.TrimSpace(rest), " kB"))
			return kilobytes << 10, err
		}
	}
	return 0, os.ErrNotExist
}
