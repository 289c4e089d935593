#include "probe.h"

extern const void no_such_symbol __ksym;
SEC("raw_tp/sched_switch") int needs_it(void *ctx) { return (long)&no_such_symbol != 0; }
