// int bpf(int cmd, union bpf_attr *attr, unsigned int size): include/linux/bpf.h and libs/api/bpf_syscall.cpp of
// eBPF for Windows 1.5.0.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "exports.h"
#include "standin.h"

enum command {
	MAP_CREATE = 0, MAP_LOOKUP, MAP_UPDATE, MAP_DELETE, MAP_NEXT_KEY, PROGRAM_LOAD, TEST_RUN = 10, INFO = 15,
	MAP_LOOKUP_AND_DELETE = 21,
};

struct create {
	uint32_t type, key_size, value_size, max_entries, flags, inner, node;
	char name[16];
};

struct element {
	uint32_t map, pad;
	uint8_t *key, *value;
	uint64_t flags;
};

struct load {
	uint32_t type, count;
	struct insn *insns;
	uint64_t license;
	uint32_t log_level, log_size;
	uint64_t log;
	uint32_t version, flags;
	char name[16];
};

struct info {
	uint32_t descriptor, length;
	void *info;
};

struct map_info {
	uint32_t type, id, key_size, value_size, max_entries, flags;
	char name[16];
};

struct program_info {
	uint32_t type, id;
	char tag[8];
	uint32_t lengths[2];
	uint64_t pointers[3];
	uint32_t user, maps;
	uint64_t map_ids;
	char name[16];
};

// What ebpf_result_to_errno of libs/api_common/api_common.hpp makes of a result, as Microsoft's errno.h numbers it.
static int negative(int result)
{
	switch (result) {
	case SUCCESS: return 0;
	case INVALID_ARGUMENT: return -22;
	case INVALID_FD: return -9;
	case NOT_SUPPORTED: return -129;
	case INSUFFICIENT_BUFFER: return -119;
	case KEY_NOT_FOUND:
	case NO_MORE_KEYS:
	case OBJECT_NOT_FOUND:
	case FILE_NOT_FOUND: return -2;
	case OBJECT_ALREADY_EXISTS: return -17;
	case NO_MEMORY: return -12;
	case OUT_OF_SPACE: return -28;
	case VERIFICATION_FAILED: return -13;
	default: return -131;
	}
}

static bool holds_maps(const struct map *map)
{
	return map->type == MAP_ARRAY_OF_MAPS || map->type == MAP_HASH_OF_MAPS;
}

// Maps and programs are written as descriptors, and kept and read as ids.
static int write_element(struct map *map, const struct element *element)
{
	if (!holds_maps(map) && map->type != MAP_PROG_ARRAY)
		return map_update(map, element->key, element->value, element->flags);
	int descriptor;
	memcpy(&descriptor, element->value, sizeof(descriptor));
	struct object *object = object_at(descriptor, holds_maps(map) ? KIND_MAP : KIND_PROGRAM);
	if (object == NULL)
		return INVALID_FD;
	return map_update(map, element->key, (uint8_t *)&object->id, element->flags);
}

static int read_element(struct map *map, const struct element *element, bool remove)
{
	if (map_is_queue(map))
		return map_peek(map, element->value, remove);
	if (map_is_array(map) && remove)
		return INVALID_ARGUMENT;
	uint8_t *value = map_find(map, element->key);
	if (value == NULL)
		return KEY_NOT_FOUND;
	memcpy(element->value, value, map->stored);
	return remove ? map_delete(map, element->key) : SUCCESS;
}

static int on_element(enum command command, struct element *element)
{
	struct map *map = object_at((int)element->map, KIND_MAP);
	if (map == NULL)
		return INVALID_FD;
	switch (command) {
	case MAP_UPDATE:
		return map_is_queue(map) ? map_push(map, element->value, element->flags) : write_element(map, element);
	case MAP_DELETE: return map_delete(map, element->key);
	case MAP_NEXT_KEY: return map_next_key(map, element->key, element->value);
	default: return read_element(map, element, command == MAP_LOOKUP_AND_DELETE);
	}
}

static struct map *map_by_descriptor(void *context, uint32_t descriptor)
{
	(void)context;
	return object_at((int)descriptor, KIND_MAP);
}

static int load_program(const struct load *load)
{
	if (!plan_has("takes-instructions")) {
		SetLastError(ERROR_NOT_SUPPORTED);
		return negative(INVALID_ARGUMENT);
	}
	if (load->count == 0)
		return negative(INVALID_ARGUMENT);
	struct program *program = program_new(load->type, load->name, load->insns, load->count);
	if (!program_link(program, map_by_descriptor, NULL))
		return negative(VERIFICATION_FAILED);
	return object_open(&program->object);
}

static int describe(struct info *info)
{
	struct object *object = object_at((int)info->descriptor, 0);
	if (object == NULL)
		return INVALID_FD;
	struct map_info of_map = {0};
	struct program_info of_program = {0};
	void *made = &of_program;
	size_t size = sizeof(of_program);
	if (object->kind == KIND_MAP) {
		const struct map *map = (struct map *)object;
		of_map = (struct map_info){map->type, object->id, map->key_size, map->value_size, map->max_entries, 0, {0}};
		snprintf(of_map.name, sizeof(of_map.name), "%.15s", object->name);
		made = &of_map;
		size = sizeof(of_map);
	} else if (object->kind == KIND_PROGRAM) {
		of_program.type = ((struct program *)object)->type;
		of_program.id = object->id;
		snprintf(of_program.name, sizeof(of_program.name), "%.15s", object->name);
	}
	info->length = info->length < size ? info->length : (uint32_t)size;
	memcpy(info->info, made, info->length);
	return SUCCESS;
}

__declspec(dllexport) int bpf(int command, void *attribute, unsigned int size)
{
	(void)size;
	SetLastError(0);
	if (plan_has("no-driver"))
		return negative(FILE_NOT_FOUND);
	switch (command) {
	case MAP_CREATE: {
		const struct create *create = attribute;
		struct map *map =
			map_new(create->type, create->key_size, create->value_size, create->max_entries, create->name);
		return map == NULL ? negative(INVALID_ARGUMENT) : object_open(&map->object);
	}
	case PROGRAM_LOAD: return load_program(attribute);
	case TEST_RUN: return negative(test_run(attribute));
	case INFO: return negative(describe(attribute));
	case MAP_LOOKUP:
	case MAP_UPDATE:
	case MAP_DELETE:
	case MAP_NEXT_KEY:
	case MAP_LOOKUP_AND_DELETE: return negative(on_element(command, attribute));
	}
	SetLastError(ERROR_CALL_NOT_IMPLEMENTED);
	return negative(INVALID_ARGUMENT);
}
