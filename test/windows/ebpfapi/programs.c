// An interpreter of programs. It checks nothing: what it runs is what a test lets through.
#include <stdlib.h>
#include <string.h>

#include "standin.h"

// The most instructions that one run may take, so that a loop without an end does not hold up a test for ever.
#define BUDGET 50000000

enum { TAIL_CALL = 5, MOST_TAIL_CALLS = 33, FRAMES = 8, STACK = 512 };

// Classes and modes of instructions, by the standard (RFC 9669).
enum { LD, LDX, ST, STX, ALU, JMP, JMP32, ALU64 };
enum { CALL = 0x85, EXIT = 0x95, JA = 0x05, JA32 = 0x06, LDDW = 0x18, ATOMIC = 0xc0, MEMSX = 0x80 };

struct frame {
	uint64_t saved[4];
	uint32_t back;
};

struct program *program_new(uint32_t type, const char *name, const struct insn *insns, uint32_t count)
{
	struct program *program = object_new(sizeof(*program), KIND_PROGRAM, name);
	program->type = type;
	program->count = count;
	program->insns = malloc(count * sizeof(*insns));
	memcpy(program->insns, insns, count * sizeof(*insns));
	return program;
}

bool program_link(struct program *program, map_finder find, void *context)
{
	for (uint32_t at = 0; at + 1 < program->count; at++) {
		struct insn *insn = &program->insns[at];
		if (insn->code != LDDW)
			continue;
		struct map *map = insn->src == 0 ? NULL : find(context, (uint32_t)insn->imm);
		if (insn->src > 2 || (insn->src != 0 && map == NULL) || (insn->src == 2 && map->slots == NULL))
			return false;
		if (insn->src != 0) {
			uint64_t address = insn->src == 1 ? (uint64_t)map : (uint64_t)map->slots + (uint32_t)insn[1].imm;
			insn[0].imm = (int32_t)address;
			insn[1].imm = (int32_t)(address >> 32);
		}
		at++;
	}
	return true;
}

static uint64_t load(uint8_t code, uint64_t address)
{
	static const uint8_t sizes[] = {4, 2, 1, 8};
	uint64_t value = 0;
	memcpy(&value, (void *)address, sizes[(code >> 3) & 3]);
	if ((code & 0xe0) == MEMSX && (code & 0x18) != 0x18) {
		int shift = 64 - 8 * sizes[(code >> 3) & 3];
		value = (uint64_t)((int64_t)(value << shift) >> shift);
	}
	return value;
}

static void store(uint8_t code, uint64_t address, uint64_t value)
{
	static const uint8_t sizes[] = {4, 2, 1, 8};
	memcpy((void *)address, &value, sizes[(code >> 3) & 3]);
}

static uint64_t swap(const struct insn *insn, uint64_t value)
{
	bool is_reversed = (insn->code & 7) == ALU64 || (insn->code & 8) != 0;
	uint64_t reversed = __builtin_bswap64(value) >> (64 - insn->imm);
	uint64_t kept = insn->imm == 64 ? value : value & ((1ULL << insn->imm) - 1);
	return is_reversed ? reversed : kept;
}

static uint64_t divide(bool is_wide, bool is_signed, uint64_t a, uint64_t b)
{
	if (b == 0)
		return 0;
	if (!is_signed)
		return a / b;
	int64_t x = is_wide ? (int64_t)a : (int32_t)a;
	int64_t y = is_wide ? (int64_t)b : (int32_t)b;
	return y == -1 ? -(uint64_t)x : (uint64_t)(x / y);
}

static uint64_t calculate(const struct insn *insn, uint64_t a, uint64_t b)
{
	bool is_wide = (insn->code & 7) == ALU64;
	bool is_other = insn->off != 0;
	int bits = is_wide ? 64 : 32;
	if (insn->code >> 4 == 0xd)
		return swap(insn, a);
	if (!is_wide) {
		a = (uint32_t)a;
		b = (uint32_t)b;
	}
	switch (insn->code >> 4) {
	case 0x0: return a + b;
	case 0x1: return a - b;
	case 0x2: return a * b;
	case 0x3: return divide(is_wide, is_other, a, b);
	case 0x4: return a | b;
	case 0x5: return a & b;
	case 0x6: return a << (b & (bits - 1));
	case 0x7: return a >> (b & (bits - 1));
	case 0x8: return -a;
	case 0x9: return b == 0 ? a : a - divide(is_wide, is_other, a, b) * b;
	case 0xa: return a ^ b;
	case 0xb: return is_other ? (uint64_t)((int64_t)(b << (64 - insn->off)) >> (64 - insn->off)) : b;
	default: return is_wide ? (uint64_t)((int64_t)a >> (b & 63)) : (uint64_t)((int32_t)a >> (b & 31));
	}
}

static bool compare(const struct insn *insn, uint64_t a, uint64_t b)
{
	int64_t x = (int64_t)a;
	int64_t y = (int64_t)b;
	if ((insn->code & 7) == JMP32) {
		a = (uint32_t)a;
		b = (uint32_t)b;
		x = (int32_t)a;
		y = (int32_t)b;
	}
	switch (insn->code >> 4) {
	case 0x1: return a == b;
	case 0x2: return a > b;
	case 0x3: return a >= b;
	case 0x4: return (a & b) != 0;
	case 0x5: return a != b;
	case 0x6: return x > y;
	case 0x7: return x >= y;
	case 0xa: return a < b;
	case 0xb: return a <= b;
	case 0xc: return x < y;
	default: return x <= y;
	}
}

// One operation that others do not see a part of; nothing else runs here. The old value goes where it is wanted.
static void exchange(const struct insn *insn, uint64_t *regs)
{
	enum { FETCH = 1, XCHG = 0xe1, CMPXCHG = 0xf1 };
	uint64_t address = regs[insn->dst] + insn->off;
	uint64_t old = load(insn->code, address);
	uint64_t operand = regs[insn->src];
	struct insn operation = {.code = (uint8_t)((insn->imm & 0xf0) | ALU64)};
	uint64_t made = insn->imm == XCHG || insn->imm == CMPXCHG ? operand : calculate(&operation, old, operand);
	uint64_t expected = (insn->code & 0x18) == 0x18 ? regs[0] : (uint32_t)regs[0];
	if (insn->imm != CMPXCHG || old == expected)
		store(insn->code, address, made);
	if (insn->imm == CMPXCHG)
		regs[0] = old;
	else if (insn->imm & FETCH)
		regs[insn->src] = old;
}

// Whether an instruction that goes on behind it was carried out.
static bool step(const struct insn *insn, uint64_t *regs)
{
	uint64_t operand = insn->code & 8 ? regs[insn->src] : (uint64_t)(int64_t)insn->imm;
	switch (insn->code & 7) {
	case LDX:
		regs[insn->dst] = load(insn->code, regs[insn->src] + insn->off);
		return true;
	case ST:
		store(insn->code, regs[insn->dst] + insn->off, (uint64_t)(int64_t)insn->imm);
		return true;
	case STX:
		if ((insn->code & 0xe0) == ATOMIC)
			exchange(insn, regs);
		else
			store(insn->code, regs[insn->dst] + insn->off, regs[insn->src]);
		return true;
	case ALU64:
		regs[insn->dst] = calculate(insn, regs[insn->dst], operand);
		return true;
	case ALU:
		// Swapping bytes has its own width.
		regs[insn->dst] = calculate(insn, regs[insn->dst], operand);
		if (insn->code >> 4 != 0xd)
			regs[insn->dst] = (uint32_t)regs[insn->dst];
		return true;
	}
	return false;
}

// The program that a run has jumped to, and how often it did.
struct jumps {
	struct program *next;
	int count;
};

static uint64_t jump(const uint64_t *regs, struct jumps *jumps)
{
	uint32_t index = (uint32_t)regs[3];
	uint8_t *slot = map_find((struct map *)regs[2], (uint8_t *)&index);
	uint32_t id;
	if (slot == NULL)
		return (uint64_t)-INVALID_ARGUMENT;
	if (jumps->count == MOST_TAIL_CALLS)
		return (uint64_t)-NO_MORE_TAIL_CALLS;
	memcpy(&id, slot, sizeof(id));
	jumps->next = object_by_id(id, KIND_PROGRAM);
	return 0;
}

// One program. Where it jumps to another, the function that does so returns 0 at once, and the other begins when all of
// the first has returned (ebpf_program_invoke of libs/execution_context/ebpf_program.c).
static bool run_one(const struct program *program, void *context, struct jumps *jumps, uint32_t *result)
{
	uint8_t stack[FRAMES * STACK];
	struct frame frames[FRAMES];
	uint64_t regs[16] = {0};
	uint32_t at = 0;
	int depth = 0;
	regs[1] = (uint64_t)context;
	regs[10] = (uint64_t)stack + STACK;
	for (int left = BUDGET; left > 0 && at < program->count; left--) {
		const struct insn *insn = &program->insns[at++];
		bool is_exit = insn->code == EXIT;
		if (step(insn, regs))
			continue;
		if (insn->code == CALL && insn->src == 0) {
			bool is_jump = insn->imm == TAIL_CALL;
			regs[0] = is_jump ? jump(regs, jumps) : call_helper(insn->imm, regs);
			is_exit = is_jump && regs[0] == 0;
			if (!is_exit)
				continue;
		}
		if (insn->code == LDDW) {
			regs[insn->dst] = (uint32_t)insn->imm | (uint64_t)(uint32_t)program->insns[at++].imm << 32;
		} else if (is_exit && depth == 0) {
			*result = (uint32_t)regs[0];
			return true;
		} else if (is_exit) {
			memcpy(&regs[6], frames[--depth].saved, sizeof(frames->saved));
			regs[10] -= STACK;
			at = frames[depth].back;
		} else if (insn->code == CALL) {
			if (depth + 1 >= FRAMES)
				return false;
			memcpy(frames[depth].saved, &regs[6], sizeof(frames->saved));
			frames[depth++].back = at;
			regs[10] += STACK;
			at += insn->imm;
		} else if (insn->code == JA || insn->code == JA32) {
			at += insn->code == JA ? insn->off : insn->imm;
		} else if (compare(insn, regs[insn->dst], insn->code & 8 ? regs[insn->src] : (uint64_t)(int64_t)insn->imm)) {
			at += insn->off;
		}
	}
	return false;
}

bool program_run(const struct program *program, void *context, uint32_t *result)
{
	for (struct jumps jumps = {0}; program != NULL; jumps.count++) {
		jumps.next = NULL;
		if (!run_one(program, context, &jumps, result))
			return false;
		program = jumps.next;
	}
	return true;
}
