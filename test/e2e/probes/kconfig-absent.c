#include "probe.h"

extern bool CONFIG_NO_SUCH_OPTION __kconfig;
SEC("socket") int needs_it(void *ctx) { return CONFIG_NO_SUCH_OPTION; }
