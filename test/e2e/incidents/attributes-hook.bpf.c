// inode_setattr was given the mount's users, so that the attributes became the third argument.
#include "incident.h"

struct iattr {
	unsigned int ia_valid;
} KERNEL;

SEC("lsm/inode_setattr")
int BPF_PROG(second, void *entry, struct iattr *attributes)
{
	return attributes->ia_valid ? -1 : 0;
}

SEC("lsm/inode_setattr")
int BPF_PROG(third, void *users, void *entry, struct iattr *attributes)
{
	return attributes->ia_valid ? -1 : 0;
}
