#include "probe.h"

enum bpf_map_type___own { BPF_MAP_TYPE_HASH___own = 100, BPF_MAP_TYPE_NO_SUCH = 101 };
enum no_such_enum { NO_SUCH_VALUE = 3 };

SEC("socket") int value(void *ctx) { return bpf_core_enum_value(enum bpf_map_type___own, BPF_MAP_TYPE_HASH___own); }
SEC("socket") int exists(void *ctx) { return bpf_core_enum_value_exists(enum bpf_map_type___own, BPF_MAP_TYPE_HASH___own); }
SEC("socket") int absent_exists(void *ctx) { return bpf_core_enum_value_exists(enum bpf_map_type___own, BPF_MAP_TYPE_NO_SUCH); }
SEC("socket") int absent_value(void *ctx) { return bpf_core_enum_value(enum bpf_map_type___own, BPF_MAP_TYPE_NO_SUCH); }
SEC("socket") int absent_enum(void *ctx) { return bpf_core_enum_value_exists(enum no_such_enum, NO_SUCH_VALUE); }
SEC("socket") int guarded(void *ctx)
{
	if (!bpf_core_enum_value_exists(enum bpf_map_type___own, BPF_MAP_TYPE_NO_SUCH))
		return 0;
	return bpf_core_enum_value(enum bpf_map_type___own, BPF_MAP_TYPE_NO_SUCH);
}
