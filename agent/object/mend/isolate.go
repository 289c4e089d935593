package mend

import (
	"bytes"
	"debug/elf"
	"errors"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/cilium/ebpf"
)

// mostReads is how often an object is read at most until all of it that cannot be is found.
const mostReads = 200

// Load reads the object with the library. What that cannot read costs the programs that use it: they are in Broken.
func (o *Object) Load() (*ebpf.CollectionSpec, error) {
	spec, err := load(o.Data)
	if err == nil {
		return spec, nil
	}
	i := &isolation{data: o.Data, functions: make(map[string]string), maps: make(map[string]string)}
	if spec = i.run(); spec == nil {
		return nil, err
	}
	o.Broken = i.broken(spec)
	return spec, nil
}

func load(data []byte) (*ebpf.CollectionSpec, error) {
	return ebpf.LoadCollectionSpecFromReader(bytes.NewReader(data))
}

// isolation finds out what of an object the library cannot read, and takes it out.
type isolation struct {
	data  []byte
	reads int
	// functions and maps were taken out, with what the library says of each.
	functions, maps map[string]string
}

// namedMap is how the library's errors name a map.
var namedMap = regexp.MustCompile(`\bmap ([\w.]+): `)

// run returns what could be read, or nil where it is the object as a whole that cannot.
func (i *isolation) run() *ebpf.CollectionSpec {
	image := reopen(i.data)
	if image == nil {
		return nil
	}
	all := image.functions()
	for {
		_, err := i.load(all)
		if err == nil {
			break
		}
		match := namedMap.FindStringSubmatch(err.Error())
		if match == nil || i.maps[match[1]] != "" || !i.takeOut(match[1]) {
			return nil
		}
		i.maps[match[1]] = err.Error()
	}
	bad := i.unreadable(all, all)
	for _, function := range bad {
		i.functions[function.name] = function.said
	}
	spec, err := i.load(bad)
	if err != nil {
		return nil
	}
	return spec
}

// load reads the object without some functions.
func (i *isolation) load(without []function) (*ebpf.CollectionSpec, error) {
	if i.reads++; i.reads > mostReads {
		return nil, errMuch
	}
	return load(blank(i.data, without))
}

var errMuch = errors.New("much of the object cannot be read")

// unreadable gives those of some functions that the library cannot read even if all others are blank.
func (i *isolation) unreadable(some, all []function) []function {
	others := slices.DeleteFunc(slices.Clone(all), func(f function) bool {
		return slices.ContainsFunc(some, func(s function) bool { return s.symbol == f.symbol })
	})
	_, err := i.load(others)
	switch {
	case err == nil:
		return nil
	case len(some) == 1:
		some[0].said = err.Error()
		return some[:1:1]
	}
	half := len(some) / 2
	return append(i.unreadable(some[:half], all), i.unreadable(some[half:], all)...)
}

// takeOut makes a map one that the library takes for one without attributes.
func (i *isolation) takeOut(name string) bool {
	image := reopen(i.data)
	if image == nil {
		return false
	}
	t := openTypes(image)
	if t == nil {
		return false
	}
	for _, variable := range t.variables(t.datasec(".maps")) {
		if t.kind(variable) == kindVar && t.name(variable) == name {
			t.refer(variable, t.addStruct(&definition{}))
			t.finish()
			i.data = image.whole()
			return true
		}
	}
	return false
}

// broken are the programs that have something that was taken out, with what the library says of it.
func (i *isolation) broken(spec *ebpf.CollectionSpec) map[string]string {
	broken := make(map[string]string)
	for name, program := range spec.Programs {
		for at := range program.Instructions {
			instruction := &program.Instructions[at]
			said := i.functions[instruction.Symbol()]
			if said == "" && instruction.IsLoadFromMap() {
				said = i.maps[instruction.Reference()]
			}
			if said != "" {
				broken[name] = i.inWords(said)
				break
			}
		}
	}
	return broken
}

// numberedSection is how the library's errors name a section that it does not know.
var numberedSection = regexp.MustCompile(`section SHN_UNDEF\+(\d+)`)

// inWords leaves out of an error where the library was, and gives sections their names.
func (i *isolation) inWords(said string) string {
	said = strings.TrimPrefix(strings.TrimPrefix(said, "load programs: "), "load relocations: ")
	image := reopen(i.data)
	return numberedSection.ReplaceAllStringFunc(said, func(text string) string {
		number, _ := strconv.Atoi(numberedSection.FindStringSubmatch(text)[1])
		if section := image.section(number); section != nil {
			return "section " + strconv.Quote(section.Name)
		}
		return text
	})
}

// function is one, where its code is in the file.
type function struct {
	name   string
	symbol int
	// section is that of its code, of which it is the part from start to end.
	section    int
	start, end uint64
	said       string
}

func reopen(data []byte) *image {
	file, err := elf.NewFile(bytes.NewReader(data))
	if err != nil {
		return nil
	}
	return openImage(file, data)
}

func (m *image) functions() []function {
	var all []function
	for number, s := range m.symbols() {
		contents := uint64(0)
		if m.isCode(s) {
			contents = uint64(len(m.contents(m.section(s.section))))
		}
		if s.size >= 8 && s.value <= contents && s.size <= contents-s.value {
			all = append(all, function{m.nameOf(s), number, s.section, s.value, s.value + s.size, ""})
		}
	}
	return all
}

// blank returns the object with functions that do nothing and refer to nothing.
func blank(data []byte, functions []function) []byte {
	m := reopen(data)
	if m == nil {
		return data
	}
	m.touch()
	for _, f := range functions {
		m.blank(f)
	}
	return m.data
}

func (m *image) blank(f function) {
	const setZero, exit = 0xb7, 0x95
	code := m.contents(m.section(f.section))[f.start:f.end]
	for at := 0; at+8 <= len(code); at += 8 {
		clear(code[at : at+8])
		if code[at] = setZero; at+16 > len(code) {
			code[at] = exit
		}
	}
	for relocation := range m.relocations(f.section) {
		if relocation.place < f.start || relocation.place >= f.end {
			continue
		}
		// A place at which there is no instruction, and a symbol that there is in any case.
		m.order.PutUint64(m.data[relocation.at:], relocation.place|1)
		m.order.PutUint64(m.data[relocation.at+8:], elf.R_INFO(uint32(f.symbol), 1))
	}
}
