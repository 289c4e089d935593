// An iterator's program is given a struct of pointers.
#include "incident.h"

SEC("iter/task")
int tasks(void *ctx)
{
	return *((volatile unsigned long long *)ctx + 1) == 1;
}

SEC("iter/task")
int tasks_and_more(void *ctx)
{
	return *((volatile unsigned long long *)ctx + 2) == 1;
}
