// elastic/ebpf#200: until 6.9 inet_csk_accept has four arguments, and its result is the fifth.
#include "incident.h"

long seen;

SEC("fexit/inet_csk_accept")
int BPF_PROG(accepted, struct sock *listener, int flags, int *error, bool kernel, struct sock *result)
{
	seen = result == 0;
	return 0;
}
