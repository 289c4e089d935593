// The result of tcp_recvmsg behind six arguments, as until 5.18.
#include "incident.h"

long seen;

SEC("fexit/tcp_recvmsg")
int BPF_PROG(received, struct sock *sk, struct msghdr *msg, unsigned long size, int nonblock, int flags, int *length, int result)
{
	seen = result > 0;
	return 0;
}
