// Package mend rewrites BPF objects into equal ones that cilium/ebpf can read, where that library knows less than libbpf
// (src/libbpf.c), and puts right what the library made of them. Instructions and their places stay as they are.
package mend

import (
	"debug/elf"

	"github.com/cilium/ebpf"

	"crossbpf/agent/object/code"
)

// Object is what the library is given, with what it has to be told of that.
type Object struct {
	// Data is the file to read: the given one itself where nothing had to be changed.
	Data []byte
	// Externs are what the object takes from the kernel, by name.
	Externs map[string]Extern
	// Notes are what was changed that libbpf would refuse, by the name of the map that it concerns.
	Notes map[string][]string
	// Broken are programs that the library cannot read, with what it says.
	Broken map[string]string
	// ArenaData is what the arena holds at its start.
	ArenaData []byte

	// Code is the object's own; nil where the file could not be looked into.
	Code *code.Object

	exceptions []exceptionCall
	// gaps are sections with instructions that belong to no function.
	gaps []string
	// sections maps names in the changed file to those in the object.
	sections map[string]string
	// nodes are the NUMA nodes that maps are to be on.
	nodes      map[string]uint32
	operations []operations
	options    []option
}

// Read prepares an object, whose header and sections have been parsed. What cannot be changed stays as it is, so that the
// library has the last word on it.
func Read(file *elf.File, data []byte) *Object {
	o := &Object{
		Data: data, Externs: make(map[string]Extern), Notes: make(map[string][]string),
		sections: make(map[string]string), nodes: make(map[string]uint32),
	}
	m := openImage(file, data)
	if m == nil {
		return o
	}
	o.loosen(m)
	o.distinguish(m)
	t := openTypes(m)
	o.readCode(m, t, data)
	if t != nil {
		o.readExterns(m, t)
		o.readOperations(m, t)
		o.simplifyMaps(t)
		o.renameSections(m, t)
		o.renameArena(m, t)
		t.finish()
	}
	o.addExceptionCalls(m)
	o.Data = m.whole()
	return o
}

// Amend puts right what the library read from Data.
func (o *Object) Amend(spec *ebpf.CollectionSpec) error {
	o.restoreSections(spec)
	o.placeInArena(spec)
	if o.Code != nil {
		o.takeBack(spec)
		o.place(spec)
		o.reorder(spec)
	}
	for name, node := range o.nodes {
		if m := spec.Maps[name]; m != nil {
			m.NumaNode = node
		}
	}
	if err := o.addOptions(spec); err != nil {
		return err
	}
	return o.addOperations(spec)
}
