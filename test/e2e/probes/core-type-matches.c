#include "probe.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct task_struct { int pid; };
struct task_struct___other { struct task_struct *pid; };
struct no_such_type { int a; };
#pragma clang attribute pop

SEC("socket") int same(void *ctx) { return bpf_core_type_matches(struct task_struct); }
SEC("socket") int other(void *ctx) { return bpf_core_type_matches(struct task_struct___other); }
SEC("socket") int absent(void *ctx) { return bpf_core_type_matches(struct no_such_type); }
