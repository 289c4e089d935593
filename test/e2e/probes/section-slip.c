#include "probe.h"

SEC("xpd") int slip(struct xdp_md *ctx) { return 0; }
SEC("xdp") int right(struct xdp_md *ctx) { return 2; }
