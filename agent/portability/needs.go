package portability

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/inspect"
	"crossbpf/agent/names"
	"crossbpf/agent/object/mend"
)

// program is one program, prepared once for all kernels.
type program struct {
	spec *ebpf.ProgramSpec
	code *code
	// flow is what is followed where no relocation is known.
	flow *flow
	out  Program
	// places are the instructions of each need, by its index.
	places [][]int
	// relocations are by instruction, with the need that each stands for.
	relocations []place
	relocated   []int // the instruction of each relocation
	stands      []int // the need of each relocation
	kfuncs      []kfunc
	symbols     []symbol
	// weakAddresses are instructions that load the address of a function that may be missing.
	weakAddresses map[int]string
	// read has the need of each instruction that reads the context, or behind a pointer of the kernel's.
	read map[int]int
	// asksVersion tells of a program that reads LINUX_KERNEL_VERSION.
	asksVersion bool
	// followed is what was found out with constants that kernels gave.
	followed outcomes
}

type kfunc struct {
	need int
	name string
	weak bool
}

// prepare lists what a program needs.
func (o *opened) prepare(spec *ebpf.ProgramSpec) *program {
	p := &program{spec: spec, code: newCode(spec.Instructions, o), weakAddresses: map[int]string{}, read: map[int]int{}}
	p.out = Program{
		Name: spec.Name, Section: spec.SectionName, Type: names.ProgramType(spec.Type),
		AttachType: names.AttachType(spec.AttachType, spec.Type), AttachTo: spec.AttachTo,
		Sleepable: spec.Flags&flagSleepable != 0, Frags: spec.Flags&flagFrags != 0,
		Insns: int(spec.Instructions.Size() / asm.InstructionSize),
		Needs: []Need{}, Kernels: map[string]Finding{},
	}
	list := lister{program: p, object: o, known: map[string]int{}}
	for i := range spec.Instructions {
		list.instruction(i)
	}
	open := map[int]bool{}
	for _, index := range p.relocated {
		open[index] = true
	}
	for index := range p.weakAddresses {
		open[index] = true
	}
	p.flow = p.code.follow(nil, open, nil)
	p.noteDefects(list)
	p.out.Unreached = p.unreached(p.flow.reached)
	return p
}

const (
	flagSleepable = 1 << 4 // BPF_F_SLEEPABLE
	flagFrags     = 1 << 5 // BPF_F_XDP_HAS_FRAGS
)

// lister goes through a program's instructions in their order.
type lister struct {
	*program
	object *opened
	known  map[string]int
	line   *Line
	// at is where the instruction stands in the object.
	at place
}

func (l *lister) instruction(index int) {
	insn := &l.spec.Instructions[index]
	if line, ok := insn.Source().(*btf.Line); ok {
		l.line = &Line{File: line.FileName(), Number: line.LineNumber(), Text: strings.TrimSpace(line.Line())}
	}
	if name := insn.Symbol(); name != "" {
		l.at = place{l.object.functions[name], 0}
	}
	if index > 0 && insn.Symbol() != "" {
		l.global(insn, index)
	}
	reference := insn.Reference()
	switch {
	case insn.IsBuiltinCall():
		l.need("helper", names.Helper(asm.BuiltinFunc(insn.Constant)), index)
	case insn.IsKfuncCall():
		need := l.need("kfunc", reference, index)
		l.out.Needs[need].Weak = l.object.weak[reference]
		if !slices.ContainsFunc(l.kfuncs, func(k kfunc) bool { return k.need == need }) {
			l.kfuncs = append(l.kfuncs, kfunc{need, reference, l.object.weak[reference]})
		}
	case insn.IsFunctionCall() && l.code.starts[reference] == 0 && reference != l.spec.Name:
		l.need("callee", reference, index)
	case insn.IsLoadFromMap() && reference == mend.OptionsMap:
		if name := l.object.options[uint32(uint64(insn.Constant)>>32)]; name != "" {
			l.need("option", name, index)
			l.asksVersion = l.asksVersion || name == versionOption
		}
	case insn.IsLoadFromMap() && reference != "":
		l.need("map", reference, index)
	case insn.OpCode.IsDWordLoad() && l.object.isTyped(reference):
		l.symbol(reference, index)
	case l.object.weak[reference] && insn.OpCode.IsDWordLoad():
		l.weakAddresses[index] = reference
	}
	if feature := inspect.Feature(insn); feature != "" {
		l.need("instruction", feature, index)
	}
	if l.at.function != nil {
		if what := reserved(l.at.code(), l.object.order); what != "" {
			l.need("defect", what, index)
		}
	}
	if relocation := btf.CORERelocationMetadata(insn); relocation != nil {
		l.relocations = append(l.relocations, l.at)
		l.relocated = append(l.relocated, index)
		l.stands = append(l.stands, l.need("core", l.object.describe(relocation), index))
	}
	l.at.instruction += int(insn.Size() / asm.InstructionSize)
}

// symbol notes a variable of the kernel.
func (l *lister) symbol(name string, index int) {
	weak := l.object.weak[name]
	need := l.need("symbol", name, index)
	l.out.Needs[need].Weak = weak
	if weak {
		l.weakAddresses[index] = name
	}
	if !slices.ContainsFunc(l.symbols, func(s symbol) bool { return s.need == need }) {
		l.symbols = append(l.symbols, symbol{need, name, weak})
	}
}

// need notes that an instruction needs something, and gives the need's index.
func (l *lister) need(kind, name string, index int) int {
	key := kind + " " + name
	number, found := l.known[key]
	if !found {
		number = len(l.out.Needs)
		l.known[key] = number
		l.out.Needs = append(l.out.Needs, Need{Kind: kind, Name: name, Line: l.line})
		l.places = append(l.places, nil)
	}
	l.places[number] = append(l.places[number], index)
	return number
}

// noteDefects adds what no kernel takes. Each has a line of its own.
func (p *program) noteDefects(list lister) {
	if _, broken := list.object.broken[p.spec.Name]; broken {
		list.line = nil
		list.need("defect", "a program that the loader cannot read", 0)
	}
	for _, index := range slices.Sorted(maps.Keys(p.flow.defects)) {
		list.lineOf(index)
		list.need("defect", p.flow.defects[index], index)
	}
	for _, result := range slices.Sorted(maps.Keys(p.flow.returns)) {
		list.lineOf(p.flow.returns[result])
		list.need("return", strconv.FormatInt(result, 10), p.flow.returns[result])
	}
	for _, index := range slices.Sorted(maps.Keys(p.flow.accesses)) {
		list.lineOf(index)
		p.read[index] = list.need("context", p.flow.accesses[index].String(), index)
	}
	for _, index := range slices.Sorted(maps.Keys(p.flow.members)) {
		list.lineOf(index)
		p.read[index] = list.need("member", fmt.Sprintf("instruction %d", index), index)
	}
	if depth, calls := p.stack(); depth > deepest {
		list.line = nil
		list.need("defect", fmt.Sprintf("a stack of %d bytes for %d functions together", depth, calls), 0)
	}
}

// lineOf finds the line that an instruction belongs to.
func (l *lister) lineOf(index int) {
	l.line = nil
	for i := index; i >= 0 && l.line == nil; i-- {
		if line, ok := l.spec.Instructions[i].Source().(*btf.Line); ok {
			l.line = &Line{File: line.FileName(), Number: line.LineNumber(), Text: strings.TrimSpace(line.Line())}
		}
	}
}

// unreached are the needs of which no instruction is reached. What every instruction must be, reached or not, counts.
func (p *program) unreached(reached []bool) []int {
	list := []int{}
	for number, indices := range p.places {
		switch p.out.Needs[number].Kind {
		case "map", "instruction", "option", "callee", "global":
			continue
		}
		if !slices.ContainsFunc(indices, func(index int) bool { return reached[index] }) {
			list = append(list, number)
		}
	}
	return list
}
