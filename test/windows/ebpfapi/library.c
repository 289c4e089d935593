// The functions of include/ebpf_api.h of eBPF for Windows 1.5.0 that the agent and cilium/ebpf call, but for bpf().
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "standin.h"

#define EXPORT __declspec(dllexport)

// ebpf_api_verifier_stats_t.
struct stats {
	int unreachable, warnings, max_loop_count;
};

static const char *answer(const char *text)
{
	return _strdup(text);
}

EXPORT void ebpf_free_string(const char *text)
{
	free((void *)text);
}

// Whether an extension has programs for a section: those of netebpfext, xdp-for-windows and the sample extension.
static bool is_registered(const char *section)
{
	static const char *const known[] = {
		"xdp", "bind", "sockops", "sample_ext", "cgroup/connect4", "cgroup/connect6", "cgroup/recv_accept4",
		"cgroup/recv_accept6", "cgroup/bind4", "cgroup/bind6", NULL,
	};
	for (const char *const *prefix = known; *prefix != NULL; prefix++) {
		if (strncmp(section, *prefix, strlen(*prefix)) == 0)
			return true;
	}
	return false;
}

EXPORT uint32_t ebpf_api_elf_verify_program_from_memory(const char *data, size_t length, const char *section,
							 const char *program, const GUID *type, int verbosity,
							 const char **report, const char **error, struct stats *stats)
{
	char words[1024];
	(void)type;
	(void)verbosity;
	*report = *error = NULL;
	*stats = (struct stats){0, 0, 0};
	if (length < 4 || memcmp(data, "\177ELF", 4) != 0) {
		*error = answer("error: ELF file memory is malformed: no ELF file");
	} else if (!is_registered(section)) {
		*error = answer("error: Unspecified program type.");
	} else if (plan_report(program, words, sizeof(words))) {
		char told[1100];
		snprintf(told, sizeof(told), "\n0: %s\n\n", words);
		*report = answer(told);
		*error = answer("Verification failed");
		stats->warnings = 1;
	} else {
		*report = answer("Verification succeeded");
		stats->max_loop_count = 1;
		return 0;
	}
	return 1;
}

EXPORT int ebpf_close_fd(int descriptor)
{
	return object_close(descriptor) ? SUCCESS : INVALID_FD;
}

EXPORT int ebpf_duplicate_fd(int descriptor, int *duplicate)
{
	struct object *object = object_at(descriptor, 0);
	if (object == NULL)
		return INVALID_FD;
	*duplicate = object_open(object);
	return SUCCESS;
}

// bpf_map_info and bpf_prog_info of include/ebpf_structs.h, as far as their names; the latter has a pointer before it.
EXPORT int ebpf_object_get_info_by_fd(int descriptor, uint8_t *info, uint32_t *size, uint32_t *kind)
{
	const struct object *object = object_at(descriptor, 0);
	if (object == NULL)
		return INVALID_FD;
	if (kind != NULL)
		*kind = object->kind;
	size_t place = object->kind == KIND_MAP ? 20 : 24;
	if (info == NULL || size == NULL)
		return SUCCESS;
	if (object->kind == KIND_LINK || *size < place + NAME_LENGTH)
		return INVALID_ARGUMENT;
	memset(info, 0, *size);
	memcpy(info, &object->id, sizeof(object->id));
	memcpy(info + place, object->name, NAME_LENGTH);
	return SUCCESS;
}

// Types are GUIDs, of which the stand-in's hold the number.
EXPORT int ebpf_get_ebpf_attach_type(uint32_t type, GUID *guid)
{
	*guid = (GUID){.Data1 = type};
	return SUCCESS;
}

EXPORT uint32_t ebpf_get_bpf_program_type(const GUID *guid)
{
	return guid->Data1;
}

EXPORT uint32_t ebpf_get_bpf_attach_type(const GUID *guid)
{
	return guid->Data1;
}

// An attachment, which nothing ever sets off.
EXPORT int ebpf_program_attach_by_fds(int program, const GUID *type, void *parameters, size_t size, int *link)
{
	(void)type;
	(void)parameters;
	(void)size;
	if (object_at(program, KIND_PROGRAM) == NULL)
		return INVALID_FD;
	*link = object_open(object_new(sizeof(struct object), KIND_LINK, ""));
	return SUCCESS;
}

EXPORT int ebpf_ring_buffer_map_map_buffer(int descriptor, void **consumer, const void **producer, const uint8_t **data,
					   size_t *size)
{
	const struct map *map = object_at(descriptor, KIND_MAP);
	if (map == NULL || map->ring == NULL)
		return INVALID_FD;
	*consumer = map->consumer;
	*producer = map->producer;
	*data = map->ring;
	*size = map->max_entries;
	return SUCCESS;
}

EXPORT int ebpf_ring_buffer_map_unmap_buffer(int descriptor, void *consumer, const void *producer, const void *data)
{
	(void)consumer;
	(void)producer;
	(void)data;
	return object_at(descriptor, KIND_MAP) == NULL ? INVALID_FD : SUCCESS;
}

EXPORT int ebpf_map_set_wait_handle(int descriptor, uint64_t index, HANDLE handle)
{
	struct map *map = object_at(descriptor, KIND_MAP);
	if (map == NULL || index != 0)
		return INVALID_FD;
	map->event = handle;
	return SUCCESS;
}
