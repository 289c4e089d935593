#include "probe.h"

extern bool LINUX_HAS_BPF_COOKIE __kconfig;
extern bool LINUX_HAS_SYSCALL_WRAPPER __kconfig;
SEC("kprobe/do_nanosleep") int cookie(void *ctx) { return LINUX_HAS_BPF_COOKIE ? bpf_get_attach_cookie(ctx) : 0; }
SEC("socket") int wrapper(void *ctx) { return LINUX_HAS_SYSCALL_WRAPPER; }
