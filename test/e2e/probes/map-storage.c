#include "probe.h"

#define STORAGE(name, kind) struct { __uint(type, BPF_MAP_TYPE_##kind); __uint(map_flags, BPF_F_NO_PREALLOC); __type(key, int); __type(value, __u64); } name SEC(".maps");
STORAGE(sockets, SK_STORAGE)
SEC("cgroup/sock_create") int uses(struct bpf_sock *ctx)
{
	__u64 *v = bpf_sk_storage_get(&sockets, ctx, 0, BPF_SK_STORAGE_GET_F_CREATE);
	return v ? 1 : 0;
}
