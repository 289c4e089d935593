// What the parts of the stand-in for ebpfapi.dll know of each other. README.md says what it is.
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// ebpf_result_t of include/ebpf_result.h.
enum {
	SUCCESS = 0,
	VERIFICATION_FAILED = 1,
	INVALID_FD = 4,
	INVALID_ARGUMENT = 6,
	OBJECT_NOT_FOUND = 7,
	OBJECT_ALREADY_EXISTS = 8,
	FILE_NOT_FOUND = 9,
	NO_MEMORY = 12,
	NOT_SUPPORTED = 18,
	KEY_NOT_FOUND = 19,
	INSUFFICIENT_BUFFER = 24,
	NO_MORE_KEYS = 25,
	NO_MORE_TAIL_CALLS = 27,
	OUT_OF_SPACE = 29,
};

// ebpf_object_type_t of include/ebpf_core_structs.h.
enum kind { KIND_MAP = 1, KIND_LINK = 2, KIND_PROGRAM = 3 };

// enum bpf_map_type of include/ebpf_structs.h.
enum {
	MAP_HASH = 1,
	MAP_ARRAY,
	MAP_PROG_ARRAY,
	MAP_PERCPU_HASH,
	MAP_PERCPU_ARRAY,
	MAP_HASH_OF_MAPS,
	MAP_ARRAY_OF_MAPS,
	MAP_LRU_HASH,
	MAP_LPM_TRIE,
	MAP_QUEUE,
	MAP_LRU_PERCPU_HASH,
	MAP_STACK,
	MAP_RINGBUF,
};

// bpf_prog_type_t of include/ebpf_structs.h.
enum { TYPE_XDP = 1, TYPE_BIND = 2 };

// As long as names are in bpf_map_info and bpf_prog_info.
#define NAME_LENGTH 64

// What a descriptor stands for. It is freed when nothing refers to it any more.
struct object {
	enum kind kind;
	uint32_t id;
	int references;
	char name[NAME_LENGTH];
};

struct entry {
	struct entry *next;
	uint8_t *key;
	uint8_t *value;
};

struct map {
	struct object object;
	uint32_t type, key_size, value_size, max_entries;
	// How many bytes are kept of a value: of one per CPU, those of all of them.
	size_t stored;
	uint32_t count;
	// In the order in which they were added.
	struct entry *entries;
	// Of an array.
	uint8_t *slots;
	// Of a ring buffer: where it was read and written to, and what was written, twice.
	uint64_t *consumer, *producer;
	uint8_t *ring;
	void *event;
};

struct insn {
	uint8_t code;
	uint8_t dst : 4, src : 4;
	int16_t off;
	int32_t imm;
};

struct program {
	struct object object;
	uint32_t type;
	uint32_t count;
	struct insn *insns;
};

// objects.c
void *object_new(size_t size, enum kind kind, const char *name);
int object_open(struct object *object);
void *object_at(int descriptor, enum kind kind);
void *object_by_id(uint32_t id, enum kind kind);
bool object_close(int descriptor);

// maps.c
struct map *map_new(uint32_t type, uint32_t key_size, uint32_t value_size, uint32_t max_entries, const char *name);
bool map_is_array(const struct map *map);
bool map_is_queue(const struct map *map);
uint8_t *map_find(struct map *map, const uint8_t *key);
int map_update(struct map *map, const uint8_t *key, const uint8_t *value, uint64_t flags);
int map_delete(struct map *map, const uint8_t *key);
int map_next_key(struct map *map, const uint8_t *key, uint8_t *next);
int map_push(struct map *map, const uint8_t *value, uint64_t flags);
int map_peek(struct map *map, uint8_t *value, bool remove);
int ring_write(struct map *map, const uint8_t *data, size_t size);
// What is kept of one value of a program's, which runs on the first CPU.
void map_widen(const struct map *map, const uint8_t *value, uint8_t *stored);

// programs.c
struct program *program_new(uint32_t type, const char *name, const struct insn *insns, uint32_t count);
// What a load of a map's address refers to, by the number that the instruction holds.
typedef struct map *(*map_finder)(void *context, uint32_t number);
bool program_link(struct program *program, map_finder find, void *context);
bool program_run(const struct program *program, void *context, uint32_t *result);

// helpers.c
uint64_t call_helper(int32_t id, const uint64_t *arguments);

// plan.c
bool plan_has(const char *word);
int plan_number(const char *word);
bool plan_report(const char *program, char *report, size_t size);
