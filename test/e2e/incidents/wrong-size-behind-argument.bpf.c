// What an argument points to, read without the help of CO-RE: holes, ends and halves of pointers.
#include "incident.h"

long seen;

SEC("fentry/vfs_read")
int BPF_PROG(behind_end, char *file)
{
	seen = *(volatile long *)(file + 8192);
	return 0;
}

SEC("tp_btf/sched_switch")
int BPF_PROG(start, bool preempt, char *task)
{
	seen = *(volatile int *)(task + 24);
	return 0;
}

SEC("lsm/file_open")
int BPF_PROG(number_of_file, char *file)
{
	return *(volatile long *)(file + 3 * 8) ? 0 : -1;
}
