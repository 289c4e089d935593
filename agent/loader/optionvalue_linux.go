package loader

import (
	"encoding/binary"
	"strconv"
	"strings"

	"github.com/cilium/ebpf/btf"
)

// putOption writes the value of an option as its variable's type has it.
func putOption(value []byte, t btf.Type, text string) error {
	switch {
	case text == "y" || text == "m" || text == "n":
		return putTristate(value, t, text[0])
	case strings.HasPrefix(text, `"`):
		return putText(value, t, strings.Trim(text, `"`))
	}
	number, err := strconv.ParseUint(text, 0, 64)
	if err != nil {
		signed, failed := strconv.ParseInt(text, 0, 64)
		if failed != nil {
			return failed
		}
		number = uint64(signed)
	}
	return putNumber(value, t, number)
}

// putTristate takes bool, char and enum libbpf_tristate, whose values are TRI_NO, TRI_YES and TRI_MODULE.
func putTristate(value []byte, t btf.Type, letter byte) error {
	switch t := btf.UnderlyingType(t).(type) {
	case *btf.Int:
		if t.Size == 1 && t.Encoding&btf.Bool == 0 {
			value[0] = letter
			return nil
		}
		if t.Size != 1 || letter == 'm' {
			return errOtherType
		}
		return putBool(value, t, letter == 'y')
	case *btf.Enum:
		if t.Name != "libbpf_tristate" {
			return errOtherType
		}
		putBytes(value, uint64(strings.IndexByte("nym", letter)))
		return nil
	}
	return errOtherType
}

func putText(value []byte, t btf.Type, text string) error {
	array, isArray := btf.UnderlyingType(t).(*btf.Array)
	if !isArray || len(value) == 0 {
		return errOtherType
	}
	if element, isInt := btf.UnderlyingType(array.Type).(*btf.Int); !isInt || element.Size != 1 {
		return errOtherType
	}
	copy(value[:len(value)-1], text)
	return nil
}

func putBool(value []byte, t btf.Type, is bool) error {
	if is {
		return putNumber(value, t, 1)
	}
	return putNumber(value, t, 0)
}

// putNumber writes a number into a variable that has room for it.
func putNumber(value []byte, t btf.Type, number uint64) error {
	integer, isInt := btf.UnderlyingType(t).(*btf.Int)
	if !isInt || !fits(number, integer) {
		return errOtherType
	}
	putBytes(value, number)
	return nil
}

func fits(number uint64, t *btf.Int) bool {
	bits := 8 * t.Size
	switch {
	case t.Encoding&btf.Bool != 0:
		return number <= 1
	case bits >= 64:
		return true
	case t.Encoding&btf.Signed != 0:
		return number+1<<(bits-1) < 1<<bits
	}
	return number>>bits == 0
}

// putBytes writes the lower bytes of a number.
func putBytes(value []byte, number uint64) {
	switch len(value) {
	case 1:
		value[0] = byte(number)
	case 2:
		binary.NativeEndian.PutUint16(value, uint16(number))
	case 4:
		binary.NativeEndian.PutUint32(value, uint32(number))
	case 8:
		binary.NativeEndian.PutUint64(value, number)
	}
}
