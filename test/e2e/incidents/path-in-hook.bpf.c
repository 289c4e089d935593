// bpf_d_path in LSM programs: since 5.11, at hooks where a program may sleep.
#include "incident.h"

struct path {
	void *mnt;
} KERNEL;

struct file___path {
	struct path f_path;
} KERNEL;

SEC("lsm/file_open")
int BPF_PROG(opened, struct file___path *file)
{
	char text[64];

	return bpf_d_path(&file->f_path, text, sizeof(text)) > 0 ? 0 : -1;
}

SEC("lsm/file_fcntl")
int BPF_PROG(controlled, struct file___path *file)
{
	char text[64];

	return bpf_d_path(&file->f_path, text, sizeof(text)) > 0 ? 0 : -1;
}
