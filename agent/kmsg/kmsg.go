// Package kmsg reads what the kernel has to say, and writes to its log.
package kmsg

import (
	"slices"
	"strconv"
	"strings"
)

const (
	// warning is the level of KERN_WARNING; lower is worse.
	warning = 4
	// maxLines bounds what a kernel in distress can make an answer grow to.
	maxLines = 2000
)

// record is one record of /dev/kmsg (Documentation/ABI/testing/dev-kmsg).
type record struct {
	facility, level int
	text            string
}

// parseRecord reads "6,339,5140900,-;NET: Registered protocol family 10" and leaves out the lines of properties that
// may follow.
func parseRecord(raw string) (record, bool) {
	prefix, text, found := strings.Cut(raw, ";")
	if !found {
		return record{}, false
	}
	priority, _, _ := strings.Cut(prefix, ",")
	value, err := strconv.Atoi(priority)
	if err != nil {
		return record{}, false
	}
	text, _, _ = strings.Cut(text, "\n")
	return record{facility: value >> 3, level: value & 7, text: text}, true
}

// collector picks warnings and worse of the kernel's own, with the traces that belong to them.
type collector struct {
	lines   []string
	dropped int
	inTrace bool
}

// timingNoise begins lines by which a kernel complains of a slow machine, which an emulated one is.
var timingNoise = []string{
	"clocksource: ", "TSC found unstable after boot", "Unstable clock detected",
	"hrtimer: interrupt took ", "perf: interrupt took too long ",
}

func isNoise(text string) bool {
	return slices.ContainsFunc(timingNoise, func(start string) bool { return strings.HasPrefix(text, start) })
}

func (c *collector) add(r record) {
	if r.facility != 0 || isNoise(r.text) {
		return // a facility other than the kernel's is a program's, such as this one
	}
	if strings.Contains(r.text, "[ cut here ]") {
		c.inTrace = true
	}
	if r.level <= warning || c.inTrace {
		c.append(r.text)
	}
	if strings.Contains(r.text, "[ end trace") || strings.Contains(r.text, "[ end Kernel panic") {
		c.inTrace = false
	}
}

func (c *collector) append(line string) {
	if len(c.lines) >= maxLines {
		c.dropped++
		return
	}
	c.lines = append(c.lines, line)
}

func (c *collector) result() []string {
	if c.dropped > 0 {
		return append(c.lines, "(and "+strconv.Itoa(c.dropped)+" more lines)")
	}
	return c.lines
}
