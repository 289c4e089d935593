#include "probe.h"

#define MAP(name, kind, bytes) struct { __uint(type, BPF_MAP_TYPE_##kind); __uint(max_entries, 4); __uint(key_size, 4); __uint(value_size, bytes); } name SEC(".maps");
MAP(devices, DEVMAP, 4) MAP(devices_hashed, DEVMAP_HASH, 8) MAP(processors, CPUMAP, 4) MAP(sockets, XSKMAP, 4)
SEC("xdp") int to_device(struct xdp_md *ctx) { return bpf_redirect_map(&devices, 0, 0); }
SEC("xdp") int to_hashed(struct xdp_md *ctx) { return bpf_redirect_map(&devices_hashed, 0, 0); }
SEC("xdp") int to_processor(struct xdp_md *ctx) { return bpf_redirect_map(&processors, 0, 0); }
SEC("xdp") int to_socket(struct xdp_md *ctx) { return bpf_redirect_map(&sockets, 0, 0); }
