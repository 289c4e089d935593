/* Sections with something behind the slash, which old tools write. */
#include "probe.h"

SEC("tc/ingress/own") int of_tc(void *ctx) { return 0; }
SEC("xdp/own") int of_xdp(void *ctx) { return 0; }
SEC("socket1") int of_socket(void *ctx) { return 0; }
SEC("sk_msg/own") int of_msg(void *ctx) { return 0; }
