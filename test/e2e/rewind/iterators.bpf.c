// Iterators that tell what a kernel has done before.
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>

struct seq_file;

struct bpf_iter_meta {
	struct seq_file *seq;
} __attribute__((preserve_access_index));

struct bpf_map {
	__u32 id;
} __attribute__((preserve_access_index));

struct bpf_iter__bpf_map {
	struct bpf_iter_meta *meta;
	struct bpf_map *map;
} __attribute__((preserve_access_index));

// The id of every map in the kernel: ids only grow.
SEC("iter/bpf_map")
int list_maps(struct bpf_iter__bpf_map *ctx)
{
	static const char line[] = "%u\n";
	struct bpf_map *map = ctx->map;
	__u64 id;

	if (!map)
		return 0;
	id = map->id;
	bpf_seq_printf(ctx->meta->seq, line, sizeof(line), &id, sizeof(id));
	return 0;
}

// For how long the kernel has run by its own clock, in milliseconds.
SEC("iter/bpf_map")
int tell_time(struct bpf_iter__bpf_map *ctx)
{
	static const char line[] = "%llu\n";
	__u64 milliseconds = bpf_ktime_get_ns() / 1000000;

	// The call after the last map.
	if (!ctx->map)
		bpf_seq_printf(ctx->meta->seq, line, sizeof(line), &milliseconds, sizeof(milliseconds));
	return 0;
}

char _license[] SEC("license") = "GPL";
