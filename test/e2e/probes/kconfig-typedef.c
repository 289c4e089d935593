#include "probe.h"

typedef __u32 version_t;
extern __u32 LINUX_KERNEL_VERSION __kconfig;
SEC("socket") int version(void *ctx) { return LINUX_KERNEL_VERSION > 0; }
