// BPF_PROG_TEST_RUN: a context as the extensions of eBPF for Windows make it, and the program run with that.
#include <stdlib.h>
#include <string.h>

#include "exports.h"
#include "standin.h"

// How far a program may move the beginning of its data to the front.
#define HEADROOM 256

// xdp_md_t of xdp-for-windows (published/external/ebpf/ebpfhook.h).
struct xdp_context {
	uint8_t *data, *data_end;
	uint64_t data_meta;
	uint32_t interface_index;
};

// bind_md_t of include/ebpf_nethooks.h.
struct bind_context {
	uint8_t *app_id_start, *app_id_end;
	uint8_t rest[40];
};

// Both begin with where the data is.
struct with_data {
	uint8_t *start, *end;
};

static bool takes_data(uint32_t type)
{
	return type == TYPE_XDP || type == TYPE_BIND;
}

static size_t least_context(uint32_t type)
{
	return type == TYPE_XDP ? sizeof(struct xdp_context) : type == TYPE_BIND ? sizeof(struct bind_context) : 0;
}

// What goes to the driver and comes back has a length of 16 bits, and these many bytes before data and context.
enum { MOST = 0xffff, REQUEST_HEAD = 42, REPLY_HEAD = 32 };

// The driver puts the context behind all of the room for data, and the library takes it from behind the data that there
// is (libs/execution_context/ebpf_core.c, libs/api/ebpf_api.cpp).
static void copy_out(const struct with_data *data, const uint8_t *context, struct test_run *run)
{
	size_t room = run->data_size_out;
	size_t size = data == NULL ? 0 : (size_t)(data->end - data->start);
	uint8_t *reply = calloc(1, room + run->ctx_size_in + 1);
	if (size > room)
		size = 0;
	if (size > 0)
		memcpy(reply, data->start, size);
	memcpy(reply + room, context, run->ctx_size_in);
	run->data_size_out = (uint32_t)size;
	if (run->data_out != NULL)
		memcpy(run->data_out, reply, size);
	run->ctx_size_out = run->ctx_size_out < run->ctx_size_in ? run->ctx_size_out : run->ctx_size_in;
	if (run->ctx_out != NULL)
		memcpy(run->ctx_out, reply + size, run->ctx_size_out);
	free(reply);
}

int test_run(struct test_run *run)
{
	const struct program *program = object_at((int)run->program, KIND_PROGRAM);
	if (program == NULL)
		return INVALID_FD;
	size_t least = least_context(program->type);
	bool lacks_context = run->ctx_size_in < least && !(program->type == TYPE_XDP && run->ctx_size_in == 0);
	if (lacks_context || (run->data_size_in > 0 && !takes_data(program->type)))
		return INVALID_ARGUMENT;
	if (run->data_size_in + run->ctx_size_in > MOST - REQUEST_HEAD ||
	    run->data_size_out + run->ctx_size_out > MOST - REPLY_HEAD)
		return INVALID_ARGUMENT;
	uint8_t *context = calloc(1, (run->ctx_size_in > least ? run->ctx_size_in : least) + 1);
	uint8_t *room = calloc(1, HEADROOM + run->data_size_in + HEADROOM);
	uint8_t *data = room + HEADROOM;
	int result = SUCCESS;
	memcpy(context, run->ctx_in, run->ctx_size_in);
	memcpy(data, run->data_in, run->data_size_in);
	if (takes_data(program->type))
		*(struct with_data *)context = (struct with_data){data, data + run->data_size_in};
	for (uint32_t time = 0; time < run->repeat && result == SUCCESS; time++)
		result = program_run(program, context, &run->retval) ? SUCCESS : INVALID_ARGUMENT;
	copy_out(takes_data(program->type) ? (struct with_data *)context : NULL, context, run);
	run->duration = 100;
	free(room);
	free(context);
	return result;
}
