// Package portability says what BPF programs need of a kernel, and what of it a given kernel's types do not have, without
// loading anything: objects and kernels are files.
package portability

// Request names files. Everything is said of every program for every kernel.
type Request struct {
	Objects []string `json:"objects"`
	// Types are those of programs whose section does not say it: by the object's file, then by name.
	Types   map[string]map[string]string `json:"types"`
	Kernels []Kernel                     `json:"kernels"`
}

// Kernel is a kernel's image, or its types alone.
type Kernel struct {
	ID string `json:"id"`
	// Types is the path of an ELF file with a section .BTF, or of raw BTF.
	Types string `json:"types"`
	// Version is upstream's, "6.12.118", which decides branches on LINUX_KERNEL_VERSION.
	Version string `json:"version"`
}

// Answer is about one object, in the request's order.
type Answer struct {
	Object string `json:"object"`
	// Error is why the file is no BPF object, in one line, or null.
	Error *string `json:"error"`
	// ByteOrder is "little" or "big".
	ByteOrder string    `json:"byteOrder"`
	Programs  []Program `json:"programs"`
	Maps      []Map     `json:"maps"`
}

// Program is what one program needs.
type Program struct {
	Name    string `json:"name"`
	Section string `json:"section"`
	// Type, AttachType and AttachTo are as package inspect writes them.
	Type       string `json:"type"`
	AttachType string `json:"attachType"`
	AttachTo   string `json:"attachTo"`
	Sleepable  bool   `json:"sleepable"`
	Frags      bool   `json:"frags"`
	// Insns is its length in instructions of 8 bytes.
	Insns int `json:"insns"`
	// Needs are in the order of the code, each once.
	Needs []Need `json:"needs"`
	// Unreached are the indices of needs in code that constants of the object itself keep out.
	Unreached []int `json:"unreached"`
	// Kernels are by ID; one whose types cannot be read has none.
	Kernels map[string]Finding `json:"kernels"`
}

// Need is something that a program's code asks for.
type Need struct {
	// Kind is "helper", "kfunc", "symbol" (a variable of the kernel), "map", "instruction", "option", "core" (a field, type or value of the kernel), "callee"
	// (a function that the object declares and lacks), "return" (a constant that the program may return), "context"
	// ("read 4 at 76": bytes of what it is given), "member" (a read where an argument points to), "global" (what a function that is verified by itself has: "NAME: no result",
	// "NAME: a pointer"), or "defect" (what no kernel takes).
	Kind string `json:"kind"`
	Name string `json:"name"`
	// Weak tells of a kfunc or a symbol that the program can do without.
	Weak bool  `json:"weak"`
	Line *Line `json:"line"`
}

// Line is a line of the source.
type Line struct {
	File   string `json:"file"`
	Number uint32 `json:"number"`
	Text   string `json:"text"`
}

// Finding is what a kernel's types say of a program.
type Finding struct {
	// Absent are indices of needs that the kernel does not have, and that the program reaches on it.
	Absent []int `json:"absent"`
	// Different are indices of kfuncs and symbols that the kernel has with another signature or type.
	Different []int `json:"different"`
	// Faults are reads that the kernel's types have nothing for.
	Faults []Fault `json:"faults"`
	// Unreached are indices of needs in code that is not reached on this kernel.
	Unreached []int `json:"unreached"`
	// Target is what the program attaches to and is not there, "kernel function tcp_foo", or null.
	Target *string `json:"target"`
	// Result is what the hook of an LSM program answers: "void" or "number"; null for others.
	Result *string `json:"result"`
}

// Fault is a read of the context, or of what an argument points to, that a kernel's types have nothing for.
type Fault struct {
	// Need is the index of a need of kind "context" or "member", or null where the function itself is at fault.
	Need *int `json:"need"`
	// What is "argument 3 of kernel function tcp_recvmsg", "8 bytes at 112 of struct request_queue".
	What string `json:"what"`
	// Kind is "absent", or what versions judge differently: "narrow" (a pointer that is not read as a whole), "number" or
	// "other" (an argument that points to a number, or to what is neither a number nor a struct), "value" (an argument or
	// a result that is a struct) or "variable" (a function with a variable number of arguments).
	Kind string `json:"kind"`
}

// Map is what a map needs.
type Map struct {
	Name       string `json:"name"`
	Type       string `json:"type"`
	KeySize    uint32 `json:"keySize"`
	ValueSize  uint32 `json:"valueSize"`
	MaxEntries uint32 `json:"maxEntries"`
	// Flags are names of bits: "BPF_F_MMAPABLE".
	Flags uint32 `json:"flags"`
	// Timer and Lock tell of a value that holds a struct bpf_timer or bpf_spin_lock.
	Timer    bool `json:"timer"`
	Lock     bool `json:"lock"`
	InnerMap *Map `json:"innerMap"`
}
