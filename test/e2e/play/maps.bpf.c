// Maps of most types, and programs that fill those that only programs can fill.
#include <linux/bpf.h>
#include <linux/types.h>
#include <bpf/bpf_helpers.h>

#define MAP(name, kind, most, key_type, value_type) \
	struct { __uint(type, kind); __uint(max_entries, most); __type(key, key_type); __type(value, value_type); } name SEC(".maps")
struct prefix { __u32 length; __u8 address[4]; };

MAP(hash, BPF_MAP_TYPE_HASH, 2, __u32, __u64);
MAP(array, BPF_MAP_TYPE_ARRAY, 2, __u32, __u16);
MAP(large, BPF_MAP_TYPE_ARRAY, 100000, __u32, __u64);
MAP(wide, BPF_MAP_TYPE_HASH, 4, __u32, __u8[6000]);
MAP(percpu, BPF_MAP_TYPE_PERCPU_ARRAY, 1, __u32, __u32);
MAP(lru, BPF_MAP_TYPE_LRU_HASH, 4, __u16, __u8);
MAP(cores, BPF_MAP_TYPE_CPUMAP, 1, __u32, __u32);
MAP(programs, BPF_MAP_TYPE_PROG_ARRAY, 2, __u32, __u32);
MAP(stacks, BPF_MAP_TYPE_STACK_TRACE, 4, __u32, __u64[127]);
struct { __uint(type, BPF_MAP_TYPE_LPM_TRIE); __uint(max_entries, 4); __uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, struct prefix); __type(value, __u32); } routes SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_QUEUE); __uint(max_entries, 2); __type(value, __u32); } queue SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_STACK); __uint(max_entries, 2); __type(value, __u32); } stack SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_SK_STORAGE); __uint(map_flags, BPF_F_NO_PREALLOC); __type(key, int); __type(value, __u32); } owned SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_RINGBUF); __uint(max_entries, 4096); } ring SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_PERF_EVENT_ARRAY); __type(key, __u32); __type(value, __u32); } events SEC(".maps");
struct inner { __uint(type, BPF_MAP_TYPE_ARRAY); __uint(max_entries, 1); __type(key, __u32); __type(value, __u32); } inside SEC(".maps");
struct { __uint(type, BPF_MAP_TYPE_ARRAY_OF_MAPS); __uint(max_entries, 1); __type(key, __u32); __array(values, struct inner); }
	outside SEC(".maps") = { .values = { &inside } };

int called(void *ctx);
int left_out(void *ctx);
struct { __uint(type, BPF_MAP_TYPE_PROG_ARRAY); __uint(max_entries, 2); __uint(key_size, 4); __array(values, int(void *)); }
	calls SEC(".maps") = { .values = { [0] = &called, [1] = &left_out } };

const volatile __u32 limit = 3;
__u32 start = 5;
__u32 sum;

SEC("socket") int called(void *ctx) { return 77; }
SEC("socket") int left_out(void *ctx) { return 78; }
SEC("socket") int calls_first(void *ctx) { bpf_tail_call(ctx, &calls, 0); return 1; }
SEC("socket") int calls_second(void *ctx) { bpf_tail_call(ctx, &calls, 1); return 1; }

SEC("socket") int adds(void *ctx) {
	for (__u32 i = 0; i < 8 && i < limit; i++) sum += start;
	return sum;
}

// Sends 1, 2 and 3 into both buffers and to the trace.
SEC("xdp") int sends(struct xdp_md *ctx) {
	for (__u32 i = 1; i <= 3; i++) {
		__u32 *record = bpf_ringbuf_reserve(&ring, sizeof(*record), 0);
		if (!record) return XDP_ABORTED;
		*record = i;
		bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
		__u32 copy = i;
		bpf_perf_event_output(ctx, &events, BPF_F_CURRENT_CPU, &copy, sizeof(copy));
		bpf_printk("record %d", i);
	}
	return XDP_PASS;
}
char _license[] SEC("license") = "GPL";
