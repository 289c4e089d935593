// Descriptors, and what they stand for. One call comes after the other: the agent does nothing at the same time.
#include <stdlib.h>
#include <string.h>

#include "standin.h"

#define MOST 4096

static struct object *open_objects[MOST];
static struct object *all_objects[MOST];
static uint32_t last_id;

void *object_new(size_t size, enum kind kind, const char *name)
{
	struct object *object = calloc(1, size);
	if (object == NULL || last_id + 1 >= MOST)
		abort();
	object->kind = kind;
	object->id = ++last_id;
	strncpy(object->name, name, NAME_LENGTH - 1);
	all_objects[object->id] = object;
	return object;
}

int object_open(struct object *object)
{
	// A descriptor is never 0.
	for (int descriptor = 1; descriptor < MOST; descriptor++) {
		if (open_objects[descriptor] == NULL) {
			open_objects[descriptor] = object;
			object->references++;
			return descriptor;
		}
	}
	return -1;
}

void *object_at(int descriptor, enum kind kind)
{
	if (descriptor <= 0 || descriptor >= MOST)
		return NULL;
	struct object *object = open_objects[descriptor];
	return object != NULL && (kind == 0 || object->kind == kind) ? object : NULL;
}

void *object_by_id(uint32_t id, enum kind kind)
{
	struct object *object = id < MOST ? all_objects[id] : NULL;
	return object != NULL && object->kind == kind ? object : NULL;
}

bool object_close(int descriptor)
{
	struct object *object = object_at(descriptor, 0);
	if (object == NULL)
		return false;
	open_objects[descriptor] = NULL;
	// What is in it, and what refers to it by its id, is kept until the process ends.
	object->references--;
	return true;
}
