#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

SEC("kprobe/do_nanosleep") int needs_gpl(void *ctx) { return bpf_get_current_task() != 0; }
SEC("socket") int needs_none(void *ctx) { return bpf_get_prandom_u32(); }
