/* What every probe includes: types of the system's headers, libbpf's macros, the license. */
#pragma once
#include <linux/bpf.h>
#include <stdbool.h>
#include <bpf/bpf_core_read.h>
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>

char _license[] SEC("license") = "GPL";

/* One instruction as the processor reads it, whatever an assembler thinks of it: `imm off src dst code`. */
#define RAW(code, dst, src, off, imm) \
	".8byte (" #code " | (" #dst " << 8) | (" #src " << 12) | ((" #off " & 0xffff) << 16) | ((" #imm " & 0xffffffff) << 32));"
/* A whole program of such instructions, behind r0 = 0 and r1 = 1. */
#define RAW_PROGRAM(name, instructions) \
	SEC("socket") __attribute__((naked)) int name(void) \
	{ \
		asm volatile("r0 = 0; r1 = 1;" instructions "exit;"); \
	}
