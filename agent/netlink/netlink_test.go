//go:build linux

package netlink

import (
	"bytes"
	"encoding/binary"
	"errors"
	"testing"

	"golang.org/x/sys/unix"
)

// answer is struct nlmsgerr behind its header.
func answer(sequence uint32, kind uint16, number int32) []byte {
	data := binary.NativeEndian.AppendUint32(nil, unix.SizeofNlMsghdr+4)
	data = binary.NativeEndian.AppendUint16(data, kind)
	data = binary.NativeEndian.AppendUint16(data, 0)
	data = binary.NativeEndian.AppendUint32(data, sequence)
	data = binary.NativeEndian.AppendUint32(data, 0)
	return binary.NativeEndian.AppendUint32(data, uint32(number))
}

func TestAnswers(t *testing.T) {
	for name, c := range map[string]struct {
		data     []byte
		answered bool
		want     error
	}{
		"done":               {answer(7, unix.NLMSG_ERROR, 0), true, nil},
		"refused":            {answer(7, unix.NLMSG_ERROR, -int32(unix.EEXIST)), true, unix.EEXIST},
		"of another request": {answer(6, unix.NLMSG_ERROR, -int32(unix.EEXIST)), false, nil},
		"behind another":     {append(answer(6, unix.NLMSG_DONE, 0), answer(7, unix.NLMSG_ERROR, 0)...), true, nil},
		"none":               {nil, false, nil},
	} {
		answered, err := readAnswer(c.data, 7)
		if answered != c.answered || !errors.Is(err, c.want) {
			t.Errorf("%s: %v, %v", name, answered, err)
		}
	}
	for _, length := range []uint32{0, 15, 21, 1 << 31} {
		data := answer(7, unix.NLMSG_ERROR, 0)
		binary.NativeEndian.PutUint32(data, length)
		if answered, err := readAnswer(data, 7); !answered || err == nil {
			t.Errorf("a length of %d: %v, %v", length, answered, err)
		}
	}
}

func TestAttributesAreAligned(t *testing.T) {
	var list attributes
	list.text(1, "ab")
	list.nested(2, func(inner *attributes) { inner.number(3, 5) })
	want := binary.NativeEndian.AppendUint16(nil, 7)
	want = binary.NativeEndian.AppendUint16(want, 1)
	want = append(want, 'a', 'b', 0, 0)
	want = binary.NativeEndian.AppendUint16(want, 12)
	want = binary.NativeEndian.AppendUint16(want, 2|unix.NLA_F_NESTED)
	want = binary.NativeEndian.AppendUint16(want, 8)
	want = binary.NativeEndian.AppendUint16(want, 3)
	want = binary.NativeEndian.AppendUint32(want, 5)
	if !bytes.Equal(list, want) {
		t.Errorf("%v\nwant %v", []byte(list), want)
	}
}
