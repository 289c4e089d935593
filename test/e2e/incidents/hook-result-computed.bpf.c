// tetragon#3032: since 6.12 a hook's answer must lie in a range, also where it is computed.
#include "incident.h"

SEC("lsm/file_open")
int BPF_PROG(positive, struct file *file)
{
	return 1;
}

SEC("lsm/file_open")
int BPF_PROG(computed, struct file *file)
{
	return file->f_flags & 1;
}
