// The result of tcp_recvmsg behind five arguments.
#include "incident.h"

long seen;

SEC("fexit/tcp_recvmsg")
int BPF_PROG(received, struct sock *sk, struct msghdr *msg, unsigned long size, int flags, int *length, int result)
{
	seen = result > 0;
	return 0;
}
