#include "probe.h"

struct no_such { int a; };
extern const struct no_such no_such_variable __ksym __weak;
extern const int bpf_prog_active __ksym __weak;
SEC("raw_tp/sched_switch") int absent(void *ctx) { return &no_such_variable != 0; }
SEC("raw_tp/sched_switch") int present(void *ctx) { return &bpf_prog_active != 0; }
