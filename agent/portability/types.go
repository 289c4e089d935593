package portability

import (
	"bytes"
	"debug/elf"
	"fmt"
	"os"

	"github.com/cilium/ebpf/btf"
)

// LoadTypes reads the types of a kernel's image, which has no symbols, or raw BTF.
func LoadTypes(path string) (*btf.Spec, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	if bytes.HasPrefix(data, []byte(elf.ELFMAG)) {
		if data, err = typesSection(data); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	types, err := btf.LoadSpecFromReader(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return types, nil
}

func typesSection(image []byte) ([]byte, error) {
	file, err := elf.NewFile(bytes.NewReader(image))
	if err != nil {
		return nil, err
	}
	defer file.Close()
	section := file.Section(".BTF")
	if section == nil {
		return nil, fmt.Errorf("the image has no types (section .BTF)")
	}
	return section.Data()
}
