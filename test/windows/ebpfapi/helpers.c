// Helpers by their numbers on Windows (BPF_FUNC_… of include/ebpf_structs.h), as far as programs of the suite call them.
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "standin.h"

enum {
	LOOKUP = 1, UPDATE, DELETE_KEY, LOOKUP_AND_DELETE, TAIL_CALL, PRANDOM, BOOT_NS, PROCESSOR, NS, CSUM_DIFF,
	RING_OUTPUT, PRINTK_2, PRINTK_3, PRINTK_4, PRINTK_5, PUSH, POP, PEEK, PID_TGID,
	XDP_ADJUST_HEAD = 65536,
};

static uint64_t failed(int result)
{
	return (uint64_t)-(int64_t)result;
}

// What a helper that is declared as int answers: the upper half of the register is zero.
static uint64_t failed_int(int result)
{
	return (uint32_t)-result;
}

static uint64_t nanoseconds(void)
{
	LARGE_INTEGER count;
	LARGE_INTEGER frequency;
	QueryPerformanceCounter(&count);
	QueryPerformanceFrequency(&frequency);
	return (uint64_t)((double)count.QuadPart * 1e9 / (double)frequency.QuadPart);
}

// A map that holds maps has their ids in it; a program gets the map itself.
static uint64_t lookup(struct map *map, const uint8_t *key)
{
	uint8_t *value = map_find(map, key);
	if (value == NULL || (map->type != MAP_ARRAY_OF_MAPS && map->type != MAP_HASH_OF_MAPS))
		return (uint64_t)value;
	uint32_t id;
	memcpy(&id, value, sizeof(id));
	return (uint64_t)object_by_id(id, KIND_MAP);
}

static int update(struct map *map, const uint8_t *key, const uint8_t *value, uint64_t flags)
{
	uint8_t *stored = malloc(map->stored);
	map_widen(map, value, stored);
	int result = map_update(map, key, stored, flags);
	free(stored);
	return result;
}

static uint64_t lookup_and_delete(struct map *map, const uint8_t *key)
{
	uint64_t value = map_is_array(map) ? 0 : lookup(map, key);
	if (value != 0)
		map_delete(map, key);
	return value;
}

// Sums of 16 bits, of which those of the first buffer are taken away; the carries stay (ebpf_core_csum_diff of
// libs/execution_context/ebpf_core.c).
static uint64_t csum_diff(const uint64_t *r)
{
	int64_t sum = (int32_t)r[5];
	const uint16_t *from = (const uint16_t *)r[1];
	const uint16_t *to = (const uint16_t *)r[3];
	if (r[2] % 4 != 0 || r[4] % 4 != 0)
		return (uint64_t)-22;
	for (uint64_t at = 0; at < r[2] / 2; at++)
		sum += (uint16_t)~from[at];
	for (uint64_t at = 0; at < r[4] / 2; at++)
		sum += to[at];
	return (uint64_t)sum;
}

// Of the context of an XDP program, which begins with where its data does.
static uint64_t adjust_head(uint8_t **context, int32_t delta)
{
	if (context[0] + delta > context[1])
		return failed(INVALID_ARGUMENT);
	context[0] += delta;
	return 0;
}

uint64_t call_helper(int32_t id, const uint64_t *r)
{
	struct map *map = (struct map *)r[1];
	switch (id) {
	case LOOKUP: return lookup(map, (uint8_t *)r[2]);
	case UPDATE: return failed(update(map, (uint8_t *)r[2], (uint8_t *)r[3], r[4]));
	case DELETE_KEY: return failed(map_delete(map, (uint8_t *)r[2]));
	case LOOKUP_AND_DELETE: return lookup_and_delete(map, (uint8_t *)r[2]);
	case PRANDOM: return ((uint32_t)rand() << 16 ^ (uint32_t)rand()) & 0xffffffff;
	case BOOT_NS:
	case NS: return nanoseconds();
	case PROCESSOR: return 0;
	case CSUM_DIFF: return csum_diff(r);
	case RING_OUTPUT: return failed_int(ring_write(map, (uint8_t *)r[2], r[3]));
	case PRINTK_2:
	case PRINTK_3:
	case PRINTK_4:
	case PRINTK_5: return 0;
	case PUSH: return failed_int(map_push(map, (uint8_t *)r[2], r[3]));
	case POP: return failed_int(map_peek(map, (uint8_t *)r[2], true));
	case PEEK: return failed_int(map_peek(map, (uint8_t *)r[2], false));
	case PID_TGID: return (uint64_t)GetCurrentProcessId() << 32 | GetCurrentThreadId();
	case XDP_ADJUST_HEAD: return adjust_head((uint8_t **)r[1], (int32_t)r[2]);
	}
	return failed(NOT_SUPPORTED);
}
