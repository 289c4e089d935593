// An arena: what user space is told of a page that is not there (6.9), and an address for it.
#include "incident.h"

struct {
	__uint(type, 33);
	__uint(max_entries, 4);
	__uint(map_flags, BPF_F_MMAPABLE | 1 << 17);
	__uint(map_extra, 0x10000000);
} arena SEC(".maps");

SEC("syscall")
int uses(void *ctx)
{
	void *map = &arena;

	asm volatile("" : "+r"(map));
	return map == 0;
}
