package portability

import (
	"strings"

	"github.com/cilium/ebpf"
	"github.com/cilium/ebpf/btf"

	"crossbpf/agent/loader"
)

// signature is what a program is given where it attaches to a function of the kernel.
type signature struct {
	// name is "kernel function tcp_recvmsg".
	name      string
	arguments []btf.Type
	// result is nil where the program is not given the function's result.
	result btf.Type
	// open tells of arguments that the kernel says more of than its types do: those of iterators.
	open bool
}

// attachFSession is BPF_TRACE_FSESSION, which the library has no name for.
const attachFSession ebpf.AttachType = 58

// signatureOf finds what a kernel gives a program; nil for one that attaches to no function, or to one that is not there.
func signatureOf(spec *ebpf.ProgramSpec, kernel *btf.Spec) *signature {
	proto := protoOf(spec, kernel)
	if proto == nil {
		return nil
	}
	s := &signature{name: loader.AttachTarget(spec)}
	if spec.Type == ebpf.StructOps {
		s.name = "struct_ops member " + strings.Replace(spec.AttachTo, ":", ".", 1)
	}
	for _, parameter := range proto.Params {
		s.arguments = append(s.arguments, parameter.Type)
	}
	switch spec.AttachType {
	case ebpf.AttachTraceRawTp:
		// The first is the tracepoint's own.
		s.arguments = s.arguments[min(1, len(s.arguments)):]
	case ebpf.AttachTraceIter:
		s.open = true
	case ebpf.AttachTraceFExit, ebpf.AttachModifyReturn, ebpf.AttachLSMMac, ebpf.AttachLSMCgroup, attachFSession:
		s.result = proto.Return
	}
	if ops, _, _ := strings.Cut(spec.AttachTo, ":"); spec.Type == ebpf.StructOps && ops == "tcp_congestion_ops" {
		s.promoteSockets(kernel)
	}
	return s
}

func protoOf(spec *ebpf.ProgramSpec, kernel *btf.Spec) *btf.FuncProto {
	target := spec.AttachTo
	switch {
	case spec.Type == ebpf.StructOps:
		return memberProto(kernel, target)
	case spec.Type == ebpf.LSM:
		return functionProto(kernel, "bpf_lsm_"+target)
	case spec.Type != ebpf.Tracing:
		return nil
	case spec.AttachType == ebpf.AttachTraceIter:
		return functionProto(kernel, "bpf_iter_"+target)
	case spec.AttachType == ebpf.AttachTraceRawTp:
		var definition *btf.Typedef
		if kernel.TypeByName("btf_trace_"+target, &definition) != nil {
			return nil
		}
		return pointedProto(definition.Type)
	}
	return functionProto(kernel, target)
}

func functionProto(kernel *btf.Spec, name string) *btf.FuncProto {
	var function *btf.Func
	if kernel.TypeByName(name, &function) != nil {
		return nil
	}
	proto, _ := function.Type.(*btf.FuncProto)
	return proto
}

func memberProto(kernel *btf.Spec, target string) *btf.FuncProto {
	ops, member, _ := strings.Cut(target, ":")
	var kind *btf.Struct
	if kernel.TypeByName(ops, &kind) != nil {
		return nil
	}
	for _, each := range kind.Members {
		if each.Name == member {
			return pointedProto(each.Type)
		}
	}
	return nil
}

func pointedProto(t btf.Type) *btf.FuncProto {
	pointer, ok := plain(t).(*btf.Pointer)
	if !ok {
		return nil
	}
	proto, _ := plain(pointer.Target).(*btf.FuncProto)
	return proto
}

// promoteSockets gives a congestion control its sockets as the kernel does (bpf_tcp_ca_is_valid_access in
// net/ipv4/bpf_tcp_ca.c): each is a tcp_sock.
func (s *signature) promoteSockets(kernel *btf.Spec) {
	var tcp *btf.Struct
	if kernel.TypeByName("tcp_sock", &tcp) != nil {
		return
	}
	for i, argument := range s.arguments {
		if target := structBehind(argument); target != nil && target.TypeName() == "sock" {
			s.arguments[i] = &btf.Pointer{Target: tcp}
		}
	}
}

// at finds the argument at an offset: each takes 8 bytes, and a struct as many as it has. The number behind the last is
// the result's.
func (s *signature) at(offset int64) (number int) {
	end := int64(0)
	for i, argument := range s.arguments {
		size := int64(8)
		if known, err := btf.Sizeof(argument); err == nil && known > 8 {
			size = (int64(known) + 7) &^ 7
		}
		end += size
		if offset < end {
			return i
		}
	}
	return len(s.arguments) + int((offset-end)/8)
}

// plain is a type without names and qualifiers.
func plain(t btf.Type) btf.Type {
	for {
		switch inner := t.(type) {
		case *btf.Typedef:
			t = inner.Type
		case *btf.Const:
			t = inner.Type
		case *btf.Volatile:
			t = inner.Type
		case *btf.Restrict:
			t = inner.Type
		case *btf.TypeTag:
			t = inner.Type
		default:
			return t
		}
	}
}

// structBehind is the struct or union that a pointer points to; nil for others.
func structBehind(t btf.Type) btf.Type {
	pointer, ok := plain(t).(*btf.Pointer)
	if !ok {
		return nil
	}
	switch target := plain(pointer.Target).(type) {
	case *btf.Struct, *btf.Union:
		return target
	}
	return nil
}
