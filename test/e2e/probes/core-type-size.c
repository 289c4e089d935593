#include "probe.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct task_struct { int pid; };
struct no_such_type { int a; };
union no_such_union { int a; };
#pragma clang attribute pop

SEC("socket") int present(void *ctx) { return bpf_core_type_size(struct task_struct); }
SEC("socket") int absent(void *ctx) { return bpf_core_type_size(struct no_such_type); }
SEC("socket") int absent_union(void *ctx) { return bpf_core_type_size(union no_such_union); }
