// flags: -D__TARGET_ARCH_x86
/* What libbpf's usdt.bpf.h brings: weak maps, weak functions, an option of the kernel that only libbpf knows. */
#include "probe.h"
#include <linux/ptrace.h>
#include <bpf/usdt.bpf.h>

SEC("usdt") int BPF_USDT(probed, long first, int second) { return first + second; }
SEC("kprobe/do_nanosleep") int another(void *ctx) { return 0; }
