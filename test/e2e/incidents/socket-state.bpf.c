// inet_sock_set_state has three arguments.
#include "incident.h"

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state, struct sock *sk, int before, int after)
{
	return before == after;
}

SEC("tp_btf/inet_sock_set_state")
int BPF_PROG(state_why, struct sock *sk, int before, int after, int why)
{
	return why;
}
