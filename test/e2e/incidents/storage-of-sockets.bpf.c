// Storage of sockets is made on demand; copies of a socket take it along.
#include "incident.h"

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__type(key, int);
	__type(value, __u64);
	__uint(map_flags, BPF_F_NO_PREALLOC | BPF_F_CLONE);
} copied SEC(".maps");

struct {
	__uint(type, BPF_MAP_TYPE_SK_STORAGE);
	__type(key, int);
	__type(value, __u64);
} from_the_start SEC(".maps");

SEC("sockops")
int with_copies(struct bpf_sock_ops *ctx)
{
	return ctx->sk && bpf_sk_storage_get(&copied, ctx->sk, 0, 0);
}

SEC("sockops")
int without_flag(struct bpf_sock_ops *ctx)
{
	return ctx->sk && bpf_sk_storage_get(&from_the_start, ctx->sk, 0, 0);
}
