package portability

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/cilium/ebpf/asm"

	"crossbpf/agent/object/mend"
)

// versionOption is the variable that a loader sets to the kernel's version.
const versionOption = "LINUX_KERNEL_VERSION"

// versionCode is a version as KERNEL_VERSION of include/linux/version.h writes it, in 4 bytes; nil for one that cannot be
// read. A patch level has 8 bits, and what is above them counts as 255.
func versionCode(version string) []byte {
	code := uint32(0)
	for i, part := range append(strings.Split(version, "."), "0", "0")[:3] {
		number, err := strconv.ParseUint(part, 10, 32)
		if err != nil {
			return nil
		}
		code |= uint32(min(number, 255)) << (16 - 8*i)
	}
	return binary.LittleEndian.AppendUint32(nil, code)
}

// loadsVersion tells whether an instruction loads where the kernel's version is.
func (o *opened) loadsVersion(insn *asm.Instruction) bool {
	return insn.IsLoadFromMap() && insn.Reference() == mend.OptionsMap &&
		o.options[uint32(uint64(insn.Constant)>>32)] == versionOption
}
