#include "probe.h"

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct task_struct { int pid; };
struct task_struct___flavour { int pid; };
struct no_such_type { int a; };
#pragma clang attribute pop
typedef unsigned int gfp_t;
typedef unsigned int no_such_typedef;
enum bpf_map_type;

SEC("socket") int present(void *ctx) { return bpf_core_type_exists(struct task_struct); }
SEC("socket") int flavour(void *ctx) { return bpf_core_type_exists(struct task_struct___flavour); }
SEC("socket") int absent(void *ctx) { return bpf_core_type_exists(struct no_such_type); }
SEC("socket") int name_of_type(void *ctx) { return bpf_core_type_exists(gfp_t) + bpf_core_type_exists(no_such_typedef); }
SEC("socket") int enumeration(void *ctx) { return bpf_core_type_exists(enum bpf_map_type); }
