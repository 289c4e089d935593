// A program that may change a result is given it.
#include "incident.h"

SEC("fmod_ret/security_file_open")
int BPF_PROG(allowed, struct file *file, int before)
{
	return before;
}

SEC("fmod_ret/security_file_open")
int BPF_PROG(allowed_by, struct file *file, int before, long who)
{
	return who > 0;
}
