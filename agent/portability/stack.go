package portability

// stack is how many bytes of stack the deepest chain of calls takes, and how many functions are in it, as the verifier
// counts (check_max_stack_depth in kernel/bpf/verifier.c).
func (p *program) stack() (depth, calls int) {
	frames := map[string]int{}
	callees := map[string][]string{}
	current := p.spec.Name
	for i := range p.spec.Instructions {
		insn := &p.spec.Instructions[i]
		if name := insn.Symbol(); name != "" {
			current = name
			frames[current] = p.flow.depths[i]
		}
		if insn.IsFunctionCall() {
			callees[current] = append(callees[current], insn.Reference())
		}
	}
	start := p.spec.Name
	if name := p.spec.Instructions[0].Symbol(); name != "" {
		start = name
	}
	return deepestChain(start, frames, callees, 0)
}

// longestChain is more functions than a kernel lets call each other, which ends a recursion.
const longestChain = 9

func deepestChain(name string, frames map[string]int, callees map[string][]string, above int) (depth, calls int) {
	own := (max(frames[name], 1) + 31) &^ 31
	if above == longestChain {
		return own, 1
	}
	for _, callee := range callees[name] {
		below, functions := deepestChain(callee, frames, callees, above+1)
		if below > depth {
			depth, calls = below, functions
		}
	}
	return depth + own, calls + 1
}
