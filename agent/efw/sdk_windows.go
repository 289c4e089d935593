package efw

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// script is the converter of the SDK package (tools/bpf2c/Convert-BpfToNative.ps1.template).
const script = "Convert-BpfToNative.ps1"

// sdkVariable names the SDK's folder where it is in none of the usual places.
const sdkVariable = "CROSSBPF_EBPF_SDK"

// converter makes native images of objects.
type converter struct {
	script string
	// path is what PATH has to be for it.
	path string
	// refused says why no image will be loaded, once that is known.
	refused string
	// works tells that an image was loaded.
	works bool
}

// getSDK is what to do where no image can be made.
const getSDK = "To load programs, unpack the NuGet package eBPF-for-Windows.x64 of the same version (nuget install), name its folder in " +
	sdkVariable + " where it is not in ~/.nuget/packages, and have the build tools of Visual Studio with the driver kit."

// findConverter looks for the SDK and what it needs. Its error says what is missing.
func findConverter(version string) (*converter, error) {
	scripts := findScripts()
	if len(scripts) == 0 {
		return nil, errors.New("there is no " + script + ". " + getSDK)
	}
	chosen := scripts[len(scripts)-1]
	for _, each := range scripts {
		if strings.Contains(each, version) {
			chosen = each
		}
	}
	tools, err := findBuildTools()
	if err != nil {
		return nil, err
	}
	path := os.Getenv("PATH")
	if tools != "" {
		path = tools + string(os.PathListSeparator) + path
	}
	if _, err := exec.LookPath("powershell.exe"); err != nil {
		return nil, errors.New("powershell.exe is not in PATH")
	}
	return &converter{script: chosen, path: path}, nil
}

// findScripts lists converters, the newest last: named by the user, in the caches of NuGet, beside the library.
func findScripts() []string {
	if sdk := os.Getenv(sdkVariable); sdk != "" {
		return existing(filepath.Join(sdk, script), filepath.Join(sdk, "bin", script), filepath.Join(sdk, "build", "native", "bin", script))
	}
	packages := os.Getenv("NUGET_PACKAGES")
	if packages == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return nil
		}
		packages = filepath.Join(home, ".nuget", "packages")
	}
	architecture := map[string]string{"amd64": "x64", "arm64": "arm64"}[runtime.GOARCH]
	var found []string
	for _, name := range []string{"ebpf-for-windows", "ebpf-for-windows." + architecture} {
		matches, _ := filepath.Glob(filepath.Join(packages, name, "*", "build", "native", "bin", script))
		slices.Sort(matches)
		found = append(found, matches...)
	}
	return found
}

func existing(files ...string) []string {
	return slices.DeleteFunc(files, func(file string) bool {
		_, err := os.Stat(file)
		return err != nil
	})
}

// findBuildTools returns the folder of msbuild.exe, or "" where that is in PATH.
func findBuildTools() (string, error) {
	if _, err := exec.LookPath("msbuild.exe"); err == nil {
		return "", nil
	}
	locator := filepath.Join(os.Getenv("ProgramFiles(x86)"), "Microsoft Visual Studio", "Installer", "vswhere.exe")
	found, err := exec.Command(locator, "-latest", "-products", "*", "-requires", "Microsoft.Component.MSBuild",
		"-find", `MSBuild\**\Bin\MSBuild.exe`).Output()
	first, _, _ := strings.Cut(strings.TrimSpace(string(found)), "\n")
	if err != nil || first == "" {
		return "", errors.New("there is no msbuild.exe, which " + script + " needs. Install the build tools of Visual Studio with the driver kit.")
	}
	return filepath.Dir(strings.TrimSpace(first)), nil
}
