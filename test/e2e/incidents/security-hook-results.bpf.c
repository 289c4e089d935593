// What a hook answered is behind its arguments.
#include "incident.h"

SEC("lsm/file_open")
int BPF_PROG(opened, struct file *file, int before)
{
	return before;
}

SEC("lsm/file_open")
int BPF_PROG(opened_by, struct file *file, int before, void *who)
{
	return who == 0 ? -1 : 0;
}
