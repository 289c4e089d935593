#include "probe.h"

extern bool CONFIG_NO_SUCH_OPTION __kconfig __weak;
extern int CONFIG_NO_SUCH_NUMBER __kconfig __weak;
extern int CONFIG_HZ __kconfig __weak;
SEC("socket") int absent(void *ctx) { return CONFIG_NO_SUCH_OPTION + CONFIG_NO_SUCH_NUMBER; }
SEC("socket") int present(void *ctx) { return CONFIG_HZ; }
SEC("socket") int dead_code(void *ctx) { if (CONFIG_NO_SUCH_OPTION) return *(volatile int *)0; return 1; }
