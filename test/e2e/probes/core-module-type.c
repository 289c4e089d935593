/* A type that is in no kernel but in a module's BTF, or in none where the module is not loaded. */
#include "probe.h"

struct veth_priv { void *peer; } __attribute__((preserve_access_index));

SEC("socket") int size(void *ctx) { return bpf_core_type_size(struct veth_priv); }
SEC("socket") int exists(void *ctx) { return bpf_core_type_exists(struct veth_priv); }
