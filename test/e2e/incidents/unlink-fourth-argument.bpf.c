// vfs_unlink was given the mount's users in 5.12, and the pointer to a pointer became the fourth.
#include "incident.h"

long seen;

SEC("fentry/vfs_unlink")
int BPF_PROG(unlinked, void *users, struct inode *folder, void *entry, struct inode **delegated)
{
	seen = delegated == 0;
	return 0;
}
