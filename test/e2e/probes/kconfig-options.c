#include "probe.h"

enum libbpf_tristate;
extern int LINUX_KERNEL_VERSION __kconfig;
extern int CONFIG_HZ __kconfig;
extern bool CONFIG_BPF_SYSCALL __kconfig;
extern enum libbpf_tristate CONFIG_VETH __kconfig;
extern const char CONFIG_DEFAULT_HOSTNAME[32] __kconfig;
SEC("socket") int version(void *ctx) { return LINUX_KERNEL_VERSION >= KERNEL_VERSION(5, 10, 0); }
SEC("socket") int number(void *ctx) { return CONFIG_HZ; }
SEC("socket") int truth(void *ctx) { return CONFIG_BPF_SYSCALL; }
SEC("socket") int tristate(void *ctx) { return CONFIG_VETH == TRI_MODULE; }
SEC("socket") int letters(void *ctx) { return CONFIG_DEFAULT_HOSTNAME[0]; }
