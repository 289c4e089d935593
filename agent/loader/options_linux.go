package loader

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/asm"
	"github.com/cilium/ebpf/btf"
	"github.com/cilium/ebpf/features"
	"golang.org/x/sys/unix"

	"crossbpf/agent/object"
	"crossbpf/agent/object/mend"
)

// fillOptions gives the map of kernel options its contents, as libbpf does (bpf_object__resolve_externs in its
// src/libbpf.c). The errors are of options that this kernel does not have, by their places in the map.
func (l *Loader) fillOptions(file *object.File) map[uint32]error {
	m := file.Spec.Maps[mend.OptionsMap]
	if m == nil {
		return nil
	}
	section, _ := m.Value.(*btf.Datasec)
	values, missing := make([]byte, section.Size), make(map[uint32]error)
	var config *kernelConfig
	for _, place := range section.Vars {
		variable := place.Type.(*btf.Var)
		value := values[place.Offset : place.Offset+place.Size]
		var err error
		if strings.HasPrefix(variable.Name, "CONFIG_") {
			if config == nil {
				config = readConfig(section)
			}
			err = config.put(value, variable, file.Externs[variable.Name].Weak)
		} else {
			err = l.putVirtual(value, variable, file.Externs[variable.Name].Weak)
		}
		if err != nil {
			missing[place.Offset] = fmt.Errorf("resolve .kconfig: %w", err)
		}
	}
	m.Contents = []ebpf.MapKV{{Key: uint32(0), Value: values}}
	return missing
}

// putVirtual sets an option that stands in no configuration.
func (l *Loader) putVirtual(value []byte, variable *btf.Var, weak bool) error {
	switch variable.Name {
	case "LINUX_KERNEL_VERSION":
		version, err := features.LinuxVersionCode()
		if err != nil {
			return err
		}
		return putNumber(value, variable.Type, uint64(version))
	case "LINUX_HAS_BPF_COOKIE":
		return putBool(value, variable.Type, features.HaveProgramHelper(ebpf.Kprobe, asm.FnGetAttachCookie) == nil)
	case "LINUX_HAS_SYSCALL_WRAPPER":
		return putBool(value, variable.Type, l.wrapsSystemCalls())
	}
	if weak && strings.HasPrefix(variable.Name, "LINUX_") {
		return nil
	}
	return fmt.Errorf("config option %q does not exist on this kernel", variable.Name)
}

// wrapsSystemCalls tells whether a system call's function takes its registers, as its name says then.
func (l *Loader) wrapsSystemCalls() bool {
	kernel, err := l.types.Kernel()
	for _, architecture := range []string{"x64", "arm64", "s390x", "riscv", "powerpc"} {
		if err != nil {
			break
		}
		if _, err := kernel.AnyTypeByName("__" + architecture + "_sys_bpf"); err == nil {
			return true
		}
	}
	return hasWrappedCalls()
}

// hasWrappedCalls looks where all functions are, as the kernel's types need not have it.
func hasWrappedCalls() bool {
	symbols, err := os.Open("/proc/kallsyms")
	if err != nil {
		return false
	}
	defer symbols.Close()
	lines := bufio.NewScanner(symbols)
	for lines.Scan() {
		if line := lines.Bytes(); bytes.HasSuffix(line, []byte("_sys_bpf")) && bytes.Contains(line, []byte(" T __")) {
			return true
		}
	}
	return false
}

// kernelConfig is what the kernel's configuration says of the options that were asked for.
type kernelConfig struct {
	values map[string]string
	err    error
}

func readConfig(wanted *btf.Datasec) *kernelConfig {
	c := &kernelConfig{values: make(map[string]string)}
	names := make(map[string]bool)
	for _, place := range wanted.Vars {
		names[place.Type.TypeName()] = true
	}
	file, err := openConfig()
	if err != nil {
		c.err = fmt.Errorf("cannot find a kconfig file: %w", err)
		return c
	}
	defer file.Close()
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, value, found := strings.Cut(lines.Text(), "=")
		if _, known := c.values[name]; found && names[name] && !known {
			c.values[name] = value
		}
	}
	c.err = lines.Err()
	return c
}

func openConfig() (io.ReadCloser, error) {
	var name unix.Utsname
	if err := unix.Uname(&name); err != nil {
		return nil, err
	}
	if file, err := os.Open("/boot/config-" + unix.ByteSliceToString(name.Release[:])); err == nil {
		return file, nil
	}
	packed, err := os.Open("/proc/config.gz")
	if err != nil {
		return nil, err
	}
	return gzip.NewReader(packed)
}

// put sets an option of the configuration. One that is weak is zero where it is not set.
func (c *kernelConfig) put(value []byte, variable *btf.Var, weak bool) error {
	if c.err != nil {
		return c.err
	}
	text, found := c.values[variable.Name]
	if !found {
		if weak {
			return nil
		}
		return fmt.Errorf("config option %q does not exist on this kernel", variable.Name)
	}
	if err := putOption(value, variable.Type, text); err != nil {
		return fmt.Errorf("option %s=%s: %w", variable.Name, text, err)
	}
	return nil
}

var errOtherType = errors.New("the variable's type does not take this value")
