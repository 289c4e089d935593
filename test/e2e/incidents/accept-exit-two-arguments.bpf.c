// The form since 6.10; in the form before it, the third argument points to a number.
#include "incident.h"

struct proto_accept_arg;

long seen;

SEC("fexit/inet_csk_accept")
int BPF_PROG(accepted, struct sock *listener, struct proto_accept_arg *arg, struct sock *result)
{
	seen = result == 0;
	return 0;
}
