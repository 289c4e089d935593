#include "probe.h"

extern const void bpf_prog_fops __ksym;
extern const void init_task __ksym;
extern const void no_such_symbol __ksym __weak;
SEC("raw_tp/sched_switch") int address(void *ctx) { return (long)&init_task != 0; }
SEC("raw_tp/sched_switch") int of_static(void *ctx) { return (long)&bpf_prog_fops != 0; }
SEC("raw_tp/sched_switch") int absent(void *ctx) { return &no_such_symbol != 0; }
