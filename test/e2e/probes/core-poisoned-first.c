/* The first instruction of a program and of a subprogram is one that cannot be relocated. */
#include "probe.h"

struct no_such_type { int a; } __attribute__((preserve_access_index));

__noinline int below(void) { return bpf_core_enum_value(enum bpf_attach_type, BPF_CGROUP_INET_INGRESS); }
SEC("tp_btf/task_newtask") int first(struct no_such_type *ctx) { return ctx->a; }
static __attribute__((noinline)) int first_of_sub(struct no_such_type *none) { return none->a; }
SEC("raw_tp/task_newtask") int of_subprogram(void *ctx) { return first_of_sub(ctx) + below(); }
