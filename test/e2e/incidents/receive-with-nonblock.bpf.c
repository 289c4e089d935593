// tcp_recvmsg has an argument `nonblock` until 5.18, so that there are six.
#include "incident.h"

long seen;

SEC("fentry/tcp_recvmsg")
int BPF_PROG(receive, struct sock *sk, struct msghdr *msg, unsigned long size, int nonblock, int flags, int *length)
{
	seen = length == 0;
	return 0;
}
