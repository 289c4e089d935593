package loader

import "encoding/binary"

// thisOrder is the byte order of this machine.
func thisOrder() binary.ByteOrder {
	if binary.NativeEndian.Uint16([]byte{1, 0}) == 1 {
		return binary.LittleEndian
	}
	return binary.BigEndian
}
