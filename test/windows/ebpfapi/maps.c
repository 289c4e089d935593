// Maps that hold values. Their entries never move, so that programs may keep pointers to them.
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "standin.h"

static size_t align(size_t size)
{
	return (size + 7) & ~(size_t)7;
}

static bool is_per_cpu(const struct map *map)
{
	return map->type == MAP_PERCPU_HASH || map->type == MAP_PERCPU_ARRAY || map->type == MAP_LRU_PERCPU_HASH;
}

bool map_is_array(const struct map *map)
{
	return map->type == MAP_ARRAY || map->type == MAP_PERCPU_ARRAY || map->type == MAP_PROG_ARRAY ||
	       map->type == MAP_ARRAY_OF_MAPS;
}

bool map_is_queue(const struct map *map)
{
	return map->type == MAP_QUEUE || map->type == MAP_STACK;
}

static void make_ring(struct map *map)
{
	uint64_t *pages = calloc(2, 4096);
	map->consumer = pages;
	map->producer = pages + 512;
	map->ring = calloc(2, map->max_entries);
}

struct map *map_new(uint32_t type, uint32_t key_size, uint32_t value_size, uint32_t max_entries, const char *name)
{
	if (type == 0 || type > MAP_RINGBUF || max_entries == 0)
		return NULL;
	struct map *map = object_new(sizeof(*map), KIND_MAP, name);
	map->type = type;
	map->key_size = key_size;
	map->value_size = value_size;
	map->max_entries = max_entries;
	map->stored = value_size;
	if (is_per_cpu(map))
		map->stored = align(value_size) * GetMaximumProcessorCount(ALL_PROCESSOR_GROUPS);
	if (map_is_array(map))
		map->slots = calloc(max_entries, map->stored);
	if (type == MAP_RINGBUF)
		make_ring(map);
	return map;
}

void map_widen(const struct map *map, const uint8_t *value, uint8_t *stored)
{
	memset(stored, 0, map->stored);
	memcpy(stored, value, map->value_size);
}

static uint8_t *slot(struct map *map, const uint8_t *key)
{
	uint32_t index;
	memcpy(&index, key, sizeof(index));
	return index < map->max_entries ? map->slots + index * map->stored : NULL;
}

static bool has_value(const struct map *map, const uint8_t *value)
{
	static const uint8_t none[8];
	bool may_lack = map->type == MAP_ARRAY_OF_MAPS || map->type == MAP_PROG_ARRAY;
	return !may_lack || memcmp(value, none, map->value_size) != 0;
}

static bool is_too_long(const struct map *map, const uint8_t *key)
{
	uint32_t bits;
	if (map->type != MAP_LPM_TRIE)
		return false;
	memcpy(&bits, key, sizeof(bits));
	return bits > (map->key_size - 4) * 8;
}

// Whether a key begins with as many bits as another one says.
static bool has_prefix(const struct entry *entry, const uint8_t *key)
{
	uint32_t bits;
	uint32_t wanted;
	memcpy(&bits, entry->key, sizeof(bits));
	memcpy(&wanted, key, sizeof(wanted));
	if (bits > wanted || memcmp(entry->key + 4, key + 4, bits / 8) != 0)
		return false;
	uint8_t mask = (uint8_t)(0xff00 >> (bits % 8));
	return bits % 8 == 0 || ((entry->key[4 + bits / 8] ^ key[4 + bits / 8]) & mask) == 0;
}

static struct entry *longest_prefix(struct map *map, const uint8_t *key)
{
	struct entry *best = NULL;
	for (struct entry *entry = map->entries; entry != NULL; entry = entry->next) {
		if (has_prefix(entry, key) && (best == NULL || memcmp(entry->key, best->key, 4) > 0))
			best = entry;
	}
	return best;
}

// The place that refers to the entry of a key; the end of the list where there is none.
static struct entry **place_of(struct map *map, const uint8_t *key)
{
	struct entry **place = &map->entries;
	while (*place != NULL && memcmp((*place)->key, key, map->key_size) != 0)
		place = &(*place)->next;
	return place;
}

uint8_t *map_find(struct map *map, const uint8_t *key)
{
	if (map_is_array(map)) {
		uint8_t *value = slot(map, key);
		return value != NULL && has_value(map, value) ? value : NULL;
	}
	if (map->type == MAP_RINGBUF || map_is_queue(map))
		return NULL;
	struct entry *entry = map->type == MAP_LPM_TRIE ? longest_prefix(map, key) : *place_of(map, key);
	return entry == NULL ? NULL : entry->value;
}

static void add_entry(struct map *map, const uint8_t *key, const uint8_t *value)
{
	struct entry **end = &map->entries;
	while (*end != NULL)
		end = &(*end)->next;
	struct entry *entry = calloc(1, sizeof(*entry));
	entry->key = malloc(map->key_size + 1);
	entry->value = malloc(map->stored);
	if (key != NULL)
		memcpy(entry->key, key, map->key_size);
	memcpy(entry->value, value, map->stored);
	*end = entry;
	map->count++;
}

static void remove_entry(struct map *map, struct entry **place)
{
	// Its value stays, as a program may hold its address.
	*place = (*place)->next;
	map->count--;
}

int map_update(struct map *map, const uint8_t *key, const uint8_t *value, uint64_t flags)
{
	enum { NO_EXIST = 1, EXIST };
	if (flags > EXIST || map->type == MAP_RINGBUF || map_is_queue(map) || is_too_long(map, key))
		return INVALID_ARGUMENT;
	struct entry **place = map_is_array(map) ? NULL : place_of(map, key);
	uint8_t *old = place == NULL ? slot(map, key) : *place == NULL ? NULL : (*place)->value;
	if (place == NULL && old == NULL)
		return INVALID_ARGUMENT;
	if (flags == NO_EXIST && place == NULL)
		return INVALID_ARGUMENT;
	if (flags == NO_EXIST && old != NULL)
		return OBJECT_ALREADY_EXISTS;
	if (old == NULL && flags == EXIST)
		return KEY_NOT_FOUND;
	if (old != NULL) {
		memcpy(old, value, map->stored);
		return SUCCESS;
	}
	if (map->count >= map->max_entries && (map->type == MAP_LRU_HASH || map->type == MAP_LRU_PERCPU_HASH))
		remove_entry(map, &map->entries);
	if (map->count >= map->max_entries)
		return OUT_OF_SPACE;
	add_entry(map, key, value);
	return SUCCESS;
}

int map_delete(struct map *map, const uint8_t *key)
{
	if (map->type == MAP_RINGBUF || map_is_queue(map) || is_too_long(map, key))
		return INVALID_ARGUMENT;
	if (map_is_array(map)) {
		// As eBPF for Windows has it (_delete_array_map_entry of libs/execution_context/ebpf_maps.c).
		uint8_t *value = slot(map, key);
		if (value == NULL)
			return INVALID_ARGUMENT;
		memset(value, 0, map->stored);
		return SUCCESS;
	}
	struct entry **place = place_of(map, key);
	if (*place == NULL)
		return KEY_NOT_FOUND;
	remove_entry(map, place);
	return SUCCESS;
}

int map_next_key(struct map *map, const uint8_t *key, uint8_t *next)
{
	if (map->type == MAP_RINGBUF || map_is_queue(map))
		return INVALID_ARGUMENT;
	if (map_is_array(map)) {
		uint32_t index = 0;
		if (key != NULL)
			memcpy(&index, key, sizeof(index));
		index = key == NULL || index >= map->max_entries ? 0 : index + 1;
		if (index >= map->max_entries)
			return NO_MORE_KEYS;
		memcpy(next, &index, sizeof(index));
		return SUCCESS;
	}
	struct entry *entry = key == NULL ? NULL : *place_of(map, key);
	entry = entry == NULL ? map->entries : entry->next;
	if (entry == NULL)
		return NO_MORE_KEYS;
	memcpy(next, entry->key, map->key_size);
	return SUCCESS;
}

int map_push(struct map *map, const uint8_t *value, uint64_t flags)
{
	enum { EXIST = 2 };
	if (!map_is_queue(map))
		return INVALID_ARGUMENT;
	if (map->count >= map->max_entries) {
		if (flags != EXIST)
			return OUT_OF_SPACE;
		remove_entry(map, &map->entries);
	}
	add_entry(map, NULL, value);
	return SUCCESS;
}

int map_peek(struct map *map, uint8_t *value, bool remove)
{
	if (!map_is_queue(map))
		return INVALID_ARGUMENT;
	struct entry **place = &map->entries;
	if (*place == NULL)
		return OBJECT_NOT_FOUND;
	while (map->type == MAP_STACK && (*place)->next != NULL)
		place = &(*place)->next;
	memcpy(value, (*place)->value, map->value_size);
	if (remove)
		remove_entry(map, place);
	return SUCCESS;
}

// A record is its length in 32 bits, 32 bits that no reader needs, its bytes, and what fills it to 8.
int ring_write(struct map *map, const uint8_t *data, size_t size)
{
	size_t length = 8 + align(size);
	if (map->type != MAP_RINGBUF || size == 0 || length > map->max_entries)
		return INVALID_ARGUMENT;
	if (*map->producer + length - *map->consumer > map->max_entries)
		return NO_MEMORY;
	for (size_t at = 0; at < length; at++) {
		uint8_t byte = at < 4 ? (uint8_t)(size >> (8 * at)) : at >= 8 && at - 8 < size ? data[at - 8] : 0;
		size_t place = (*map->producer + at) % map->max_entries;
		map->ring[place] = map->ring[place + map->max_entries] = byte;
	}
	*map->producer += length;
	if (map->event != NULL)
		SetEvent(map->event);
	return SUCCESS;
}
