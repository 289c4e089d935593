package efw

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// conversionTime is how long one conversion may take. The first one fetches the driver kit.
const conversionTime = 10 * time.Minute

// convert makes a driver of an object and returns its file, which belongs to a cache: the same object is converted once.
// Its error holds the last lines that the converter wrote.
func (c *converter) convert(object []byte) (string, error) {
	local, err := Localize(object)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(append(local, c.script...))
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	// The converter makes names of C of the file's, and names maps after it.
	name := "x" + hex.EncodeToString(sum[:8])
	image := filepath.Join(cache, "crossbpf", "native", name+".sys")
	if _, err := os.Stat(image); err == nil {
		return image, nil
	}
	work, err := os.MkdirTemp("", "crossbpf-native-")
	if err != nil {
		return "", err
	}
	defer os.RemoveAll(work)
	if err := os.WriteFile(filepath.Join(work, name+".o"), local, 0o600); err != nil {
		return "", err
	}
	if err := c.run(work, name); err != nil {
		return "", err
	}
	return image, keep(filepath.Join(work, name+".sys"), image)
}

func (c *converter) run(folder, name string) error {
	limited, cancel := context.WithTimeout(context.Background(), conversionTime)
	defer cancel()
	command := exec.CommandContext(limited, "powershell.exe", "-NoProfile", "-NonInteractive", "-ExecutionPolicy", "Bypass",
		"-File", c.script, "-FileName", name, "-OutDir", folder, "-Platform", platformName(), "-Configuration", "Release")
	command.Dir = folder
	// Neither a build server nor one for debug information is shared with builds of others, as both end with this one.
	command.Env = append(os.Environ(), "PATH="+c.path, "MSBUILDDISABLENODEREUSE=1", "_MSPDBSRV_ENDPOINT_="+name)
	// A pipe would be open for as long as anything that it has started runs.
	said := filepath.Join(folder, "output.txt")
	output, err := os.Create(said)
	if err != nil {
		return err
	}
	command.Stdout, command.Stderr = output, output
	err = errors.Join(runContained(command), output.Close())
	if limited.Err() != nil {
		return fmt.Errorf("%s took longer than %s", script, conversionTime)
	}
	if err != nil {
		text, _ := os.ReadFile(said)
		return fmt.Errorf("%s: %w: %s", script, err, lastLines(string(text)))
	}
	return nil
}

// platformName is in the words of Visual Studio.
func platformName() string {
	if machine() == "aarch64" {
		return "ARM64"
	}
	return "x64"
}

// keep moves a file to its place in the cache, whatever disks they are on.
func keep(from, to string) error {
	data, err := os.ReadFile(from)
	if err != nil {
		return fmt.Errorf("%s made no driver: %w", script, err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	unfinished := fmt.Sprintf("%s.%d", to, os.Getpid())
	if err := os.WriteFile(unfinished, data, 0o600); err != nil {
		return err
	}
	return os.Rename(unfinished, to)
}

// lastLines is the end of what a tool wrote, as one line.
func lastLines(text string) string {
	words := strings.Join(strings.Fields(text), " ")
	const most = 600
	if len(words) > most {
		words = "… " + words[len(words)-most:]
	}
	return words
}
