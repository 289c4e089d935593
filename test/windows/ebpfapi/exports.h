// What bpf() hands on.
#pragma once

#include <stdint.h>

// sys_bpf_prog_run_attr_t of include/linux/bpf.h.
struct test_run {
	uint32_t program, retval, data_size_in, data_size_out;
	uint8_t *data_in, *data_out;
	uint32_t repeat, duration, ctx_size_in, ctx_size_out;
	uint8_t *ctx_in, *ctx_out;
	uint32_t flags, cpu, batch_size, pad;
};

int test_run(struct test_run *run);
