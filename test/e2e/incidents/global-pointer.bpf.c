// perforator#22: a function that is verified by itself, with a pointer: since 5.12.
#include "incident.h"

struct span {
	long from, to;
};

__noinline int length(struct span *span)
{
	return span ? span->to - span->from : 0;
}

SEC("kprobe/do_nanosleep")
int measures(void *ctx)
{
	struct span span = { 1, 5 };

	return length(&span);
}
