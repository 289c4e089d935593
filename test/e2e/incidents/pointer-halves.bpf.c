// kmesh and others: half of a pointer argument. Scalars may be read in part.
#include "incident.h"

long seen;

SEC("fentry/vfs_read")
int half_of_pointer(unsigned long long *ctx)
{
	seen = *(volatile unsigned int *)ctx;
	return 0;
}

SEC("fentry/vfs_read")
int half_of_number(unsigned long long *ctx)
{
	seen = *(volatile unsigned int *)(ctx + 2);
	return 0;
}

SEC("fentry/vfs_read")
int upper_half(unsigned long long *ctx)
{
	seen = *((volatile unsigned int *)ctx + 5);
	return 0;
}
