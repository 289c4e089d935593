package protocol

// FeaturesRequest asks what the kernel has of BPF, found out by trying.
type FeaturesRequest struct {
	// Helpers, Kfuncs and Hooks ask for what takes thousands of small programs.
	Helpers bool `json:"helpers"`
	Kfuncs  bool `json:"kfuncs"`
	Hooks   bool `json:"hooks"`
	// Contexts asks which bytes of their contexts programs may read and write, which takes as many.
	Contexts bool `json:"contexts"`
}

// FeaturesReply is what a kernel has of BPF. Lists are sorted and hold names as PROTOCOL.md writes them; what could
// not be found out is in Unknown and in no list.
type FeaturesReply struct {
	Type string `json:"type"`
	ID   uint64 `json:"id"`

	ProgramTypes []string `json:"programTypes"`
	// AttachTypes are those that the kernel has a number for.
	AttachTypes []string `json:"attachTypes"`
	// Kinds are the kinds of programs that a small program of was loaded.
	Kinds    []string `json:"kinds"`
	MapTypes []string `json:"mapTypes"`
	MapFlags []string `json:"mapFlags"`
	// MapTypeFlags are the flags that maps of each type may have: "hash BPF_F_NO_PREALLOC".
	MapTypeFlags []string `json:"mapTypeFlags"`
	Instructions []string `json:"instructions"`
	// Helpers are by kind of program: "xdp", "tracing/trace_fentry", "kprobe+sleepable".
	Helpers map[string][]string `json:"helpers"`
	Kfuncs  []Kfunc             `json:"kfuncs"`
	// Results are the numbers that programs of a kind may return, of those from -1 to 4.
	Results map[string][]int `json:"results"`
	// Contexts are what programs of a kind may do with the struct that they are given: "read 4 at 76", "write 4 at 8".
	Contexts map[string][]string `json:"contexts"`
	// SleepableMaps are the types of maps that programs which may sleep may use.
	SleepableMaps []string `json:"sleepableMaps"`
	// WithoutAddress are the functions that the kernel has types of, and no code at an address of its own: they were put
	// into their callers. Programs cannot attach to them.
	WithoutAddress []string `json:"withoutAddress"`
	// LSMHooks are the hooks that programs attach to, by what BPF_PROG_LOAD says.
	LSMHooks []Hook `json:"lsmHooks"`
	// Iterators are what programs of type tracing iterate over.
	Iterators []string      `json:"iterators"`
	StructOps []string      `json:"structOps"`
	JIT       JITFacts      `json:"jit"`
	BTF       BTFFacts      `json:"btf"`
	Limits    LimitFacts    `json:"limits"`
	LSMs      []string      `json:"lsms"`
	Config    []ConfigValue `json:"config"`
	Unknown   []Unknown     `json:"unknown"`
}

// Kfunc is a kernel function that programs may call.
type Kfunc struct {
	Name string `json:"name"`
	// Kinds are those that may call it, or null where that is not known.
	Kinds []string `json:"kinds"`
	// Sleepable tells that only programs that may sleep may call it.
	Sleepable bool `json:"sleepable"`
}

// Hook is a place of the kernel that programs attach to.
type Hook struct {
	Name      string `json:"name"`
	Sleepable bool   `json:"sleepable"`
}

// JITFacts are the settings of /proc/sys/net/core/bpf_jit_*, null where there is none.
type JITFacts struct {
	Enable *int   `json:"enable"`
	Harden *int   `json:"harden"`
	Limit  *int64 `json:"limit"`
}

// BTFFacts tell of the kernel's own types.
type BTFFacts struct {
	Vmlinux bool     `json:"vmlinux"`
	Modules []string `json:"modules"`
}

// LimitFacts are what a single program may be, as tried; 0 where it could not be found out.
type LimitFacts struct {
	// StackBytes is the largest stack that was accepted.
	StackBytes int `json:"stackBytes"`
	// Insns is how long an accepted program was: 4096, or more than that.
	LargePrograms bool `json:"largePrograms"`
	BoundedLoops  bool `json:"boundedLoops"`
	// UnprivilegedDisabled is /proc/sys/kernel/unprivileged_bpf_disabled, or null.
	UnprivilegedDisabled *int `json:"unprivilegedDisabled"`
}

// ConfigValue is an option of the kernel's configuration that matters to BPF: "y", "m", "n" or its value.
type ConfigValue struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Unknown is what a probe had no clear answer to, and what the kernel said.
type Unknown struct {
	What string `json:"what"`
	Said string `json:"said"`
}
