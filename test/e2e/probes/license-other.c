#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

char _license[] SEC("license") = "Dual MIT/GPL";
SEC("kprobe/do_nanosleep") int needs_gpl(void *ctx) { return bpf_get_current_task() != 0; }
