#pragma once
/* What every incident includes. Structs of the kernel are declared with the members that are read. */
#include <stdbool.h>
#include <asm/ptrace.h>
#include <linux/bpf.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

#define KERNEL __attribute__((preserve_access_index))

struct sock;
struct msghdr;
struct inode;

struct file {
	unsigned int f_flags;
} KERNEL;

struct task_struct {
	int pid;
} KERNEL;

struct request_queue;

struct request {
	unsigned int __data_len;
} KERNEL;

char _license[] SEC("license") = "GPL";
