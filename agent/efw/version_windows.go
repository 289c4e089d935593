package efw

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/windows"
)

// Version is the version of a file, with the name of the product that it is a part of.
type Version struct {
	Product string
	Number  string
}

func (v Version) String() string { return v.Product + " " + v.Number }

// product is what eBPF for Windows calls itself (EBPF_PRODUCT_NAME of resource/ebpf_resource.h).
const product = "eBPF for Windows"

// unknownVersion stands for a library that has no version resource.
var unknownVersion = Version{product, "unknown"}

// readVersion reads the version resource of a file.
func readVersion(path string) Version {
	var zero windows.Handle
	size, err := windows.GetFileVersionInfoSize(path, &zero)
	if err != nil || size == 0 {
		return unknownVersion
	}
	info := make([]byte, size)
	if err := windows.GetFileVersionInfo(path, 0, size, unsafe.Pointer(&info[0])); err != nil {
		return unknownVersion
	}
	var fixed *windows.VS_FIXEDFILEINFO
	length := uint32(0)
	if err := windows.VerQueryValue(unsafe.Pointer(&info[0]), `\`, unsafe.Pointer(&fixed), &length); err != nil || length == 0 {
		return unknownVersion
	}
	number := fmt.Sprintf("%d.%d.%d", fixed.ProductVersionMS>>16, fixed.ProductVersionMS&0xffff, fixed.ProductVersionLS>>16)
	return Version{productName(info), number}
}

// productName reads the name in the language that the resource has.
func productName(info []byte) string {
	var translation *struct{ language, codePage uint16 }
	length := uint32(0)
	err := windows.VerQueryValue(unsafe.Pointer(&info[0]), `\VarFileInfo\Translation`, unsafe.Pointer(&translation), &length)
	if err != nil || length < 4 {
		return product
	}
	var text *uint16
	key := fmt.Sprintf(`\StringFileInfo\%04x%04x\ProductName`, translation.language, translation.codePage)
	if err := windows.VerQueryValue(unsafe.Pointer(&info[0]), key, unsafe.Pointer(&text), &length); err != nil || length == 0 {
		return product
	}
	return windows.UTF16PtrToString(text)
}
