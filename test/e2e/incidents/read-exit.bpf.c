// The result is there where a function ends, and not where it begins.
#include "incident.h"

long seen;

SEC("fentry/vfs_read")
int BPF_PROG(begins, struct file *file, char *buffer, unsigned long size, long long *at, long result)
{
	seen = result > 0;
	return 0;
}

SEC("fexit/vfs_read")
int BPF_PROG(ends, struct file *file, char *buffer, unsigned long size, long long *at, long result)
{
	seen = result > 0;
	return 0;
}
