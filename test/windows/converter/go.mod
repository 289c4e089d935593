module crossbpf/converter

go 1.26.0

require (
	crossbpf/agent v0.0.0
	github.com/cilium/ebpf v0.22.0
)

require golang.org/x/sys v0.49.0 // indirect

replace crossbpf/agent => ../../../agent
