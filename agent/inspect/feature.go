package inspect

import "github.com/cilium/ebpf/asm"

// Feature names the feature of the instruction set that an instruction needs, as Program.Features does, or gives "".
func Feature(instruction *asm.Instruction) string { return featureOf(instruction) }
