package guest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const modulesFolder = "/modules"

// loadModules loads the kernel modules that the guest was given, uncompressed, in the order of their names
// (NNN-name.ko). It returns in words those that could not be loaded.
func loadModules() []string {
	paths, err := filepath.Glob(modulesFolder + "/*.ko")
	if err != nil {
		return []string{fmt.Sprintf("modules: %v", err)}
	}
	var failed []string
	for _, path := range paths { // Glob sorts them
		if err := loadModule(path); err != nil && !errors.Is(err, unix.EEXIST) {
			failed = append(failed, fmt.Sprintf("module %s: %v", filepath.Base(path), err))
		}
	}
	return failed
}

func loadModule(path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer file.Close()
	return unix.FinitModule(int(file.Fd()), "", 0)
}
