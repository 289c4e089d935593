package mend

import (
	"debug/elf"
	"fmt"
	"strings"
)

// loosen makes weak maps and functions plain ones: an object has been linked when it is loaded, and the library takes no
// weak map (libbpf's usdt.bpf.h has one), nor a weak function as a callback.
func (o *Object) loosen(m *image) {
	for _, s := range m.symbols() {
		section := m.section(s.section)
		if s.bind != elf.STB_WEAK || section == nil {
			continue
		}
		if m.isCode(s) || section.Name == ".maps" || strings.HasPrefix(section.Name, "maps") {
			m.bindSymbol(s, elf.STB_GLOBAL)
		}
	}
}

// distinguish gives static functions of one name names of their own: files that were linked into one object each have
// theirs, and the library tells functions by their names.
func (o *Object) distinguish(m *image) {
	var local []symbol
	taken := make(map[string]bool)
	for _, s := range m.symbols() {
		switch {
		case !m.isCode(s):
		case s.bind == elf.STB_LOCAL:
			local = append(local, s)
		default:
			taken[m.nameOf(s)] = true
		}
	}
	for _, s := range local {
		name := m.nameOf(s)
		for number := 2; taken[name]; number++ {
			name = fmt.Sprintf("%s.%d", m.nameOf(s), number)
		}
		if taken[name] = true; name != m.nameOf(s) {
			m.nameSymbol(s, name)
		}
	}
}
