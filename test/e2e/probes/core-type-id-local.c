#include "probe.h"

struct own { int a; long b; };

SEC("socket") int of_struct(void *ctx) { return bpf_core_type_id_local(struct own); }
SEC("socket") int of_int(void *ctx) { return bpf_core_type_id_local(int); }
