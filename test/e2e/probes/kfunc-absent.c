#include "probe.h"

extern int bpf_no_such_function(void) __ksym;
SEC("tc") int needs_it(void *ctx) { return bpf_no_such_function(); }
