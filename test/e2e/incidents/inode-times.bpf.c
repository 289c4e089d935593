// SysmonForLinux#202, pulsar#351: members that newer kernels renamed, read behind an argument.
#include "incident.h"

struct timespec64 {
	long tv_sec;
} KERNEL;

struct inode___before {
	struct timespec64 i_ctime;
} KERNEL;

struct kernfs_node {
	struct kernfs_node *parent;
} KERNEL;

struct file___inode {
	struct inode___before *f_inode;
} KERNEL;

long seen;

SEC("fentry/vfs_read")
int BPF_PROG(changed, struct file___inode *file)
{
	seen = file->f_inode->i_ctime.tv_sec;
	return 0;
}

SEC("fentry/kernfs_activate")
int BPF_PROG(parent, struct kernfs_node *node)
{
	seen = node->parent == 0;
	return 0;
}
