#include "probe.h"

#define ONE(section, name) SEC(section) int name(void *ctx) { return 0; }
ONE("fentry/no_such_function", of_fentry) ONE("lsm/no_such_hook", of_lsm) ONE("tp_btf/no_such_tracepoint", of_tp_btf)
ONE("iter/no_such_iterator", of_iterator) ONE("kprobe/no_such_function", of_kprobe)
