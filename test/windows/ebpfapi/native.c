// ebpf_object_load_native_by_fds: an "image" is what converter/main.go writes of an object. All numbers in it are of 32
// bits: the sign, how many maps, programs and entries there are, then those one by one.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "standin.h"

#define SIGN 0x4e444e53

struct map_record {
	uint32_t type, key_size, value_size, max_entries, contents;
	char name[NAME_LENGTH];
};

struct program_record {
	uint32_t type, count;
	char name[NAME_LENGTH];
};

// An entry that a map has from the beginning: another map, or a program, by its number.
struct entry_record {
	uint32_t map, key, value;
};

struct loaded {
	int *maps, *programs;
	uint32_t map_count, program_count;
};

static struct map *map_by_number(void *context, uint32_t number)
{
	const struct loaded *loaded = context;
	return number < loaded->map_count ? object_at(loaded->maps[number], KIND_MAP) : NULL;
}

static bool read_map(FILE *image, int *descriptor)
{
	struct map_record record;
	if (fread(&record, sizeof(record), 1, image) != 1)
		return false;
	struct map *map = map_new(record.type, record.key_size, record.value_size, record.max_entries, record.name);
	if (map == NULL || record.contents > map->stored)
		return false;
	*descriptor = object_open(&map->object);
	return record.contents == 0 || fread(map->slots, record.contents, 1, image) == 1;
}

static bool read_program(FILE *image, struct loaded *maps, int *descriptor)
{
	struct program_record record;
	if (fread(&record, sizeof(record), 1, image) != 1)
		return false;
	struct insn *insns = calloc(record.count + 1, sizeof(*insns));
	if (fread(insns, sizeof(*insns), record.count, image) != record.count)
		return false;
	struct program *program = program_new(record.type, record.name, insns, record.count);
	free(insns);
	*descriptor = object_open(&program->object);
	return program_link(program, map_by_number, maps);
}

static bool read_entry(FILE *image, struct loaded *loaded)
{
	struct entry_record record;
	if (fread(&record, sizeof(record), 1, image) != 1)
		return false;
	struct map *map = map_by_number(loaded, record.map);
	if (map == NULL || map->value_size != sizeof(uint32_t))
		return false;
	struct object *object = NULL;
	if (map->type != MAP_PROG_ARRAY)
		object = (struct object *)map_by_number(loaded, record.value);
	else if (record.value < loaded->program_count)
		object = object_at(loaded->programs[record.value], KIND_PROGRAM);
	return object != NULL && map_update(map, (uint8_t *)&record.key, (uint8_t *)&object->id, 0) == SUCCESS;
}

static int read_image(FILE *image, size_t *maps, int *map_fds, size_t *programs, int *program_fds)
{
	uint32_t head[4];
	if (fread(head, sizeof(head), 1, image) != 1 || head[0] != SIGN)
		return INVALID_ARGUMENT;
	bool have_room = head[1] <= *maps && head[2] <= *programs;
	*maps = head[1];
	*programs = head[2];
	if (!have_room)
		return NO_MEMORY;
	struct loaded loaded = {map_fds, program_fds, head[1], head[2]};
	bool is_read = true;
	for (uint32_t at = 0; is_read && at < head[1]; at++)
		is_read = read_map(image, &map_fds[at]);
	for (uint32_t at = 0; is_read && at < head[2]; at++)
		is_read = read_program(image, &loaded, &program_fds[at]);
	for (uint32_t at = 0; is_read && at < head[3]; at++)
		is_read = read_entry(image, &loaded);
	return is_read ? SUCCESS : INVALID_ARGUMENT;
}

__declspec(dllexport) int ebpf_object_load_native_by_fds(const char *file, size_t *maps, int *map_fds, size_t *programs,
							 int *program_fds)
{
	int planned = plan_number("image-result");
	if (planned != SUCCESS)
		return planned;
	FILE *image = fopen(file, "rb");
	if (image == NULL)
		return FILE_NOT_FOUND;
	int result = read_image(image, maps, map_fds, programs, program_fds);
	fclose(image);
	return result;
}
