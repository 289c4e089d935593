package loader

// preparedLoad is what loading an object's programs comes to on one kernel: the system calls by which this agent loaded
// them there, all of them accepted. Loading them again takes nothing of the loader, which is most of the code that a
// restored guest runs: the kernel is asked the same questions, and verifies as it did. It holds no answers.
type preparedLoad struct {
	// types are BTF, as BPF_BTF_LOAD takes it.
	types    [][]byte
	maps     []preparedMap
	programs []preparedProgram
}

// none stands for no type information.
const none = 0

// preparedMap is a map to create.
type preparedMap struct {
	// attr is BPF_MAP_CREATE's attribute, without descriptors.
	attr []byte
	// types is the number of its types, counted from 1, or none.
	types int
	// frozen says that user space cannot write to it any more, after its first entry was given the contents.
	frozen   bool
	contents []byte
	// users is how many of the programs use it.
	users int
}

// preparedProgram is a program to load, with what is said of it in the answer.
type preparedProgram struct {
	name, section, kind string
	// notes are the answer's, a line each.
	notes string
	// attr is BPF_PROG_LOAD's attribute, without pointers and descriptors.
	attr                               []byte
	code, license, functions, lineInfo []byte
	// types is the number of its types, counted from 1, or none.
	types int
	// uses are the instructions that name a map.
	uses []mapUse
}

// mapUse says that an instruction names a map; both by number.
type mapUse struct{ insn, of int }

func (l *preparedLoad) pack() []byte {
	var p packer
	p.number(len(l.types))
	for _, types := range l.types {
		p.block(types)
	}
	p.number(len(l.maps))
	for i := range l.maps {
		l.maps[i].pack(&p)
	}
	p.number(len(l.programs))
	for i := range l.programs {
		l.programs[i].pack(&p)
	}
	return p.bytes
}

func (m *preparedMap) pack(p *packer) {
	p.block(m.attr)
	p.number(m.types)
	frozen := 0
	if m.frozen {
		frozen = 1
	}
	p.number(frozen)
	p.block(m.contents)
	p.number(m.users)
}

func (m *preparedProgram) pack(p *packer) {
	for _, block := range [][]byte{
		[]byte(m.name), []byte(m.section), []byte(m.kind), []byte(m.notes), m.attr, m.code, m.license, m.functions, m.lineInfo,
	} {
		p.block(block)
	}
	p.number(m.types)
	p.number(len(m.uses))
	for _, use := range m.uses {
		p.number(use.insn)
		p.number(use.of)
	}
}

// unpackLoad reads what pack made. What it returns refers to the data.
func unpackLoad(data []byte) (*preparedLoad, error) {
	u := &unpacker{bytes: data}
	l := &preparedLoad{types: make([][]byte, u.count())}
	for i := range l.types {
		l.types[i] = u.block()
	}
	l.maps = make([]preparedMap, u.count())
	for i := range l.maps {
		l.maps[i] = preparedMap{
			attr: u.block(), types: u.number(), frozen: u.number() != 0, contents: u.block(), users: u.number(),
		}
	}
	l.programs = make([]preparedProgram, u.count())
	for i := range l.programs {
		l.programs[i] = unpackProgram(u)
	}
	if u.err == nil && len(u.bytes) > 0 {
		return l, errBehind
	}
	if u.err == nil && !l.isWhole() {
		return l, errNoSuch
	}
	return l, u.err
}

// isWhole tells whether all that it refers to is there.
func (l *preparedLoad) isWhole() bool {
	for i := range l.maps {
		if l.maps[i].types > len(l.types) {
			return false
		}
	}
	for i := range l.programs {
		program := &l.programs[i]
		if program.types > len(l.types) {
			return false
		}
		for _, use := range program.uses {
			if use.of >= len(l.maps) || (use.insn+1)*insnSize > len(program.code) {
				return false
			}
		}
	}
	return len(l.programs) > 0
}

func unpackProgram(u *unpacker) preparedProgram {
	program := preparedProgram{
		name: string(u.block()), section: string(u.block()), kind: string(u.block()), notes: string(u.block()),
		attr: u.block(),
		code: u.block(), license: u.block(), functions: u.block(), lineInfo: u.block(), types: u.number(),
	}
	program.uses = make([]mapUse, u.count())
	for i := range program.uses {
		program.uses[i] = mapUse{insn: u.number(), of: u.number()}
	}
	return program
}
