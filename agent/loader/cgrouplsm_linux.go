package loader

import (
	"fmt"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"
)

func isForCgroupLSM(program *ebpf.ProgramSpec) bool {
	return program.Type == ebpf.LSM && program.AttachType == ebpf.AttachLSMCgroup
}

// cgroupHook finds the hook of a program of type lsm_cgroup, which is the same function as that of one of type lsm; the
// library does not look for it. It is 0 for all other programs.
func (l *Loader) cgroupHook(program *ebpf.ProgramSpec) (btf.TypeID, error) {
	if !isForCgroupLSM(program) {
		return 0, nil
	}
	found, err := findInKernel[*btf.Func](l, "bpf_lsm_"+program.AttachTo)
	if err == nil && found == nil {
		err = fmt.Errorf("%s LSM hook not supported", program.AttachTo)
	}
	if err != nil {
		return 0, fmt.Errorf("attach %s/%s: %w", program.Type, program.AttachType, err)
	}
	return found.id, nil
}
