// A ring buffer that overwrites its oldest records: BPF_F_RB_OVERWRITE, since 6.19.
#include "incident.h"

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 4096);
	__uint(map_flags, 1 << 19);
} ring SEC(".maps");

SEC("tracepoint/syscalls/sys_enter_openat")
int write_record(void *ctx)
{
	long value = 1;

	return bpf_ringbuf_output(&ring, &value, sizeof(value), 0);
}
