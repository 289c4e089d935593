#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

int shared_number = 4;
struct shared_map { __uint(type, BPF_MAP_TYPE_HASH); __uint(max_entries, 8); __type(key, __u32); __type(value, __u64); };
struct shared_map shared SEC(".maps");
__attribute__((noinline)) int shared_function(int a) { return a + 2; }
static __attribute__((noinline)) int below(__u32 i, void *context) { return *(int *)(long)i; }
SEC("tc") int of_second(void *ctx) { return bpf_loop(3, below, 0, 0); }
