package names

import "fmt"

// mapFlags are the flags of BPF_MAP_CREATE by bit (include/uapi/linux/bpf.h).
var mapFlags = []string{
	"BPF_F_NO_PREALLOC", "BPF_F_NO_COMMON_LRU", "BPF_F_NUMA_NODE", "BPF_F_RDONLY", "BPF_F_WRONLY",
	"BPF_F_STACK_BUILD_ID", "BPF_F_ZERO_SEED", "BPF_F_RDONLY_PROG", "BPF_F_WRONLY_PROG", "BPF_F_CLONE",
	"BPF_F_MMAPABLE", "BPF_F_PRESERVE_ELEMS", "BPF_F_INNER_MAP", "BPF_F_LINK", "BPF_F_PATH_FD",
	"BPF_F_VTYPE_BTF_OBJ_FD", "BPF_F_TOKEN_FD", "BPF_F_SEGV_ON_FAULT", "BPF_F_NO_USER_CONV", "BPF_F_RB_OVERWRITE",
}

// MapFlag returns the name of one flag of a map, by its bit; "1<<25" for one that has none here.
func MapFlag(bit int) string {
	if bit < len(mapFlags) {
		return mapFlags[bit]
	}
	return fmt.Sprintf("1<<%d", bit)
}
