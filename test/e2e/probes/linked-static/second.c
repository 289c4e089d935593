#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

static __attribute__((noinline)) int one_name(int a) { return *(int *)(long)a; }
SEC("socket") int of_second(void *ctx) { return one_name(3); }
