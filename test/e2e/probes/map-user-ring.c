#include "probe.h"

struct { __uint(type, BPF_MAP_TYPE_USER_RINGBUF); __uint(max_entries, 4096); } from_user SEC(".maps");
static long taken(struct bpf_dynptr *sample, void *context) { return 0; }
SEC("kprobe/do_nanosleep") int drains(void *ctx) { return bpf_user_ringbuf_drain(&from_user, taken, 0, 0); }
