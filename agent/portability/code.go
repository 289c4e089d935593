package portability

import "github.com/cilium/ebpf/asm"

// code is a program's code, in which a flow finds its way. It does not change.
type code struct {
	insns  asm.Instructions
	slots  []int          // by index of an instruction: its place in units of 8 bytes
	at     []int          // by place: the index, or -1 in the middle of an instruction
	starts map[string]int // subprograms, by index
	owners []int          // by index: where its function starts
	object *opened
}

func newCode(insns asm.Instructions, object *opened) *code {
	c := &code{insns: insns, starts: map[string]int{}, object: object}
	slot, owner := 0, 0
	for i := range insns {
		if name := insns[i].Symbol(); name != "" {
			owner = i
			c.starts[name] = i
		}
		c.owners = append(c.owners, owner)
		c.slots = append(c.slots, slot)
		c.at = append(c.at, i)
		for range insns[i].Width() - 1 {
			c.at = append(c.at, -1)
		}
		slot += int(insns[i].Width())
	}
	return c
}
