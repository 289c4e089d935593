package object

import (
	"testing"

	"github.com/cilium/ebpf"
)

func TestTypesThatSectionsDoNotSay(t *testing.T) {
	file := parse(t, `SEC("filter") int filter_it(void *ctx) { return 0; }
SEC("addresses") int addresses_of(void *ctx) { return 1; }`, nil)
	if file.Spec.Programs["filter_it"].Type != ebpf.UnspecifiedProgram {
		t.Fatal("it has a type")
	}
	if err := file.SetTypes(map[string]string{"filter_it": "socket_filter", "addresses_of": "cgroup_sock_addr"}); err != nil {
		t.Fatal(err)
	}
	if got := file.Spec.Programs["filter_it"]; got.Type != ebpf.SocketFilter || got.AttachType != 0 {
		t.Errorf("%v %v", got.Type, got.AttachType)
	}
	if got := file.Spec.Programs["addresses_of"]; got.Type != ebpf.CGroupSockAddr || got.AttachType != ebpf.AttachCGroupInet4Bind {
		t.Errorf("%v %v", got.Type, got.AttachType)
	}
	for name, kind := range map[string]string{"nobody": "xdp", "filter_it": "unspec"} {
		if file.SetTypes(map[string]string{name: kind}) == nil {
			t.Errorf("%s: %s", name, kind)
		}
	}
}
