#include "probe.h"

SEC("lsm_cgroup/socket_bind") int of_lsm_cgroup(void *ctx) { return 1; }
SEC("lsm_cgroup/socket_post_create") int of_create(void *ctx) { return 1; }
