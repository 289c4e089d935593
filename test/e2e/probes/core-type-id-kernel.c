/* The number of a type of the kernel is 64 bits: the descriptor of a module's types is in the upper half. */
#include "probe.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct task_struct { int pid; };
struct no_such_type { int a; };
#pragma clang attribute pop

SEC("socket") int present(void *ctx) { return bpf_core_type_id_kernel(struct task_struct); }
SEC("socket") int absent(void *ctx) { return bpf_core_type_id_kernel(struct no_such_type); }
