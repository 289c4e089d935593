/* The size of a stack is left to the loader. */
#include "probe.h"

struct { __uint(type, BPF_MAP_TYPE_STACK_TRACE); __uint(key_size, 4); __uint(max_entries, 64); } stacks SEC(".maps");
SEC("kprobe/do_nanosleep") int takes(void *ctx) { return bpf_get_stackid(ctx, &stacks, 0); }
