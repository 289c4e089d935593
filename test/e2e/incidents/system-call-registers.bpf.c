// The registers of a system call, read where the first argument points to.
#include "incident.h"

SEC("tp_btf/sys_enter")
int BPF_PROG(entered, struct pt_regs *registers, long number)
{
	return registers->rdi > number;
}

SEC("tp_btf/sys_enter")
int BPF_PROG(entered_by_number, long number, struct pt_regs *registers)
{
	return registers->rdi > number;
}
