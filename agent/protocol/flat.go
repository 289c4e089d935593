package protocol

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// The messages that a restored guest meets first are read and written here, as far as they are plain. It is what
// encoding/json does, in a tenth of the code, and all code that such a guest runs has to be translated first. What is not
// plain is left to encoding/json.

// plainReader is a message that can be set member by member.
type plainReader interface {
	// set sets a member by its JSON, and tells whether it could.
	set(name string, value []byte) bool
}

// plainWriter is a message that can write itself.
type plainWriter interface {
	// write writes the message, and tells whether it was plain.
	write(w *flatWriter) bool
}

// readFlat reads an object of strings, numbers and literals. It tells whether the message was one, and plain.
func readFlat(message []byte, into plainReader) bool {
	rest, found := bytes.CutPrefix(message, []byte{'{'})
	if !found {
		return false
	}
	for {
		var name, value []byte
		if name, rest = cutString(rest); name == nil || len(rest) == 0 || rest[0] != ':' {
			return false
		}
		value, rest = cutValue(rest[1:])
		if !isScalar(value) || len(rest) == 0 || !into.set(string(name), value) {
			return false
		}
		end := rest[0]
		rest = rest[1:]
		if end == '}' {
			return len(rest) == 0
		}
		if end != ',' {
			return false
		}
	}
}

// cutString takes a string of plain characters, without its quotes; nil for anything else.
func cutString(text []byte) (content, rest []byte) {
	if len(text) == 0 || text[0] != '"' {
		return nil, text
	}
	for i := 1; i < len(text); i++ {
		switch {
		case text[i] == '"':
			return text[1:i:i], text[i+1:]
		case !isPlain(text[i]):
			return nil, text
		}
	}
	return nil, text
}

// cutValue takes a string with its quotes, a number or a literal; nil for anything else.
func cutValue(text []byte) (value, rest []byte) {
	if len(text) > 0 && text[0] == '"' {
		content, rest := cutString(text)
		if content == nil {
			return nil, text
		}
		return text[:len(content)+2], rest
	}
	end := bytes.IndexAny(text, ",}")
	if end <= 0 {
		return nil, text
	}
	return text[:end], text[end:]
}

// isScalar tells a string, a number as setUint takes it, or a truth value.
func isScalar(value []byte) bool {
	if len(value) == 0 {
		return false
	}
	var number uint64
	return value[0] == '"' || string(value) == "true" || string(value) == "false" || setUint(&number, value)
}

// isPlain tells characters that stand for themselves in JSON, also as encoding/json writes it.
func isPlain(c byte) bool {
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\' && c != '<' && c != '>' && c != '&'
}

func setString(into *string, value []byte) bool {
	if len(value) < 2 || value[0] != '"' {
		return false
	}
	*into = string(value[1 : len(value)-1])
	return true
}

func setStringPointer(into **string, value []byte) bool {
	var text string
	if !setString(&text, value) {
		return false
	}
	*into = &text
	return true
}

func setBool(into *bool, value []byte) bool {
	*into = string(value) == "true"
	return *into || string(value) == "false"
}

func setUint(into *uint64, value []byte) bool {
	if len(value) == 0 || len(value) > 1 && value[0] == '0' {
		return false
	}
	number := uint64(0)
	for _, c := range value {
		// 17 digits: no sum of them overflows.
		if c < '0' || c > '9' || len(value) > 17 {
			return false
		}
		number = 10*number + uint64(c-'0')
	}
	*into = number
	return true
}

func setInt(into *int, value []byte) bool {
	var number uint64
	if !setUint(&number, value) {
		return false
	}
	*into = int(number)
	return true
}

// flatWriter writes one object.
type flatWriter struct {
	text []byte
	// isPlain is false as soon as something was not.
	isPlain bool
}

func newFlatWriter() *flatWriter {
	return &flatWriter{text: append(make([]byte, 0, 512), '{'), isPlain: true}
}

func (w *flatWriter) end() { w.text = append(w.text, '}') }

func (w *flatWriter) name(name string) {
	if w.text[len(w.text)-1] != '{' {
		w.text = append(w.text, ',')
	}
	w.text = append(w.text, '"')
	w.text = append(w.text, name...)
	w.text = append(w.text, '"', ':')
}

func (w *flatWriter) string(name, value string) {
	w.name(name)
	w.quote(value)
}

func (w *flatWriter) quote(value string) {
	w.text = append(w.text, '"')
	for i := range len(value) {
		w.isPlain = w.isPlain && isPlain(value[i])
	}
	w.text = append(w.text, value...)
	w.text = append(w.text, '"')
}

func (w *flatWriter) uint(name string, value uint64) {
	w.name(name)
	w.text = strconv.AppendUint(w.text, value, 10)
}

func (w *flatWriter) uintPointer(name string, value *uint64) {
	if value == nil {
		w.null(name)
		return
	}
	w.uint(name, *value)
}

func (w *flatWriter) bool(name string, value bool) {
	w.name(name)
	w.text = strconv.AppendBool(w.text, value)
}

func (w *flatWriter) null(name string) {
	w.name(name)
	w.text = append(w.text, "null"...)
}

// encode encodes a message as JSON.
func encode(message any) ([]byte, error) {
	if plain, isPlain := message.(plainWriter); isPlain {
		w := newFlatWriter()
		if plain.write(w) && w.isPlain {
			w.end()
			return w.text, nil
		}
	}
	return json.Marshal(message)
}
