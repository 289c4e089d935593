/*
 * libbpf.a is linked with --wrap=syscall, so that each of its calls comes by here. Descriptors are numbers of this
 * process: those of maps are named instead, and their field is 0, as the agent does it (agent/loader/handed_linux.go).
 */
#define _GNU_SOURCE
#include "handed.h"
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>

static struct bpf_object *watched;
static union bpf_attr last;
static struct bpf_insn *instructions;
/* By instruction, for those that refer to maps. */
static const char **map_names;
static bool is_seen;
/* What the kernel said to it. */
static int last_error;

long __real_syscall(long number, ...);

void watch_object(struct bpf_object *object)
{
	watched = object;
	is_seen = false;
}

static const char *map_name(int fd)
{
	struct bpf_map *map;

	bpf_object__for_each_map(map, watched)
		if (bpf_map__fd(map) == fd)
			return bpf_map__name(map);
	return "";
}

static bool refers_to_map(const struct bpf_insn *one)
{
	return one->src_reg == BPF_PSEUDO_MAP_FD || one->src_reg == BPF_PSEUDO_MAP_VALUE;
}

/* While the maps are open: names them by instruction, and clears their descriptors. */
static void name_maps(void)
{
	map_names = realloc(map_names, (last.insn_cnt + 1) * sizeof(*map_names));
	for (unsigned int i = 0; i < last.insn_cnt; i++) {
		struct bpf_insn *one = &instructions[i];

		map_names[i] = NULL;
		if (one->code != (BPF_LD | BPF_IMM | BPF_DW))
			continue;
		if (refers_to_map(one)) {
			map_names[i] = map_name(one->imm);
			one->imm = 0;
		}
		if (++i < last.insn_cnt)
			map_names[i] = NULL;
	}
}

static void note(const union bpf_attr *attr, size_t size)
{
	size_t bytes = attr->insn_cnt * sizeof(*instructions);

	memset(&last, 0, sizeof(last));
	memcpy(&last, attr, size < sizeof(last) ? size : sizeof(last));
	instructions = realloc(instructions, bytes + 1);
	memcpy(instructions, (void *)(uintptr_t)attr->insns, bytes);
	is_seen = true;
	name_maps();
}

static long load_marked(const union bpf_attr *attr, size_t size)
{
	long fd;

	note(attr, size);
	fd = __real_syscall(SYS_bpf, BPF_PROG_LOAD, attr, size);
	last_error = fd < 0 ? errno : 0;
	return fd;
}

int error_of_last(int otherwise)
{
	return is_seen ? last_error : otherwise;
}

long __wrap_syscall(long number, ...)
{
	long arguments[6];
	va_list list;

	va_start(list, number);
	for (int i = 0; i < 6; i++)
		arguments[i] = va_arg(list, long);
	va_end(list);
	if (number == SYS_bpf && (int)arguments[0] == BPF_PROG_LOAD) {
		const union bpf_attr *attr = (void *)arguments[1];

		if (attr->log_level == MARKED_LOG_LEVEL)
			return load_marked(attr, (unsigned int)arguments[2]);
	}
	return __real_syscall(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4], arguments[5]);
}

void print_text(FILE *port, const char *text)
{
	fputc('"', port);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			fprintf(port, "\\%c", *text);
		else if ((unsigned char)*text < ' ' || (unsigned char)*text > '~')
			fprintf(port, "\\u%04x", (unsigned char)*text);
		else
			fputc(*text, port);
	}
	fputc('"', port);
}

static void print_maps(FILE *port)
{
	const char *between = "";

	fprintf(port, "\"maps\":[");
	for (unsigned int i = 0; i < last.insn_cnt; i++) {
		if (!map_names[i])
			continue;
		fprintf(port, "%s{\"insn\":%u,\"name\":", between, i);
		print_text(port, map_names[i]);
		fputc('}', port);
		between = ",";
	}
	fprintf(port, "],");
}

static void print_instructions(FILE *port)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *bytes = (void *)instructions;
	size_t count = last.insn_cnt * sizeof(*instructions);

	fprintf(port, "\"instructions\":\"");
	for (size_t i = 0; i < count; i += 3) {
		unsigned int three = bytes[i] << 16 | (i + 1 < count ? bytes[i + 1] << 8 : 0) | (i + 2 < count ? bytes[i + 2] : 0);

		fputc(digits[three >> 18], port);
		fputc(digits[three >> 12 & 63], port);
		fputc(i + 1 < count ? digits[three >> 6 & 63] : '=', port);
		fputc(i + 2 < count ? digits[three & 63] : '=', port);
	}
	fprintf(port, "\",");
}

void print_handed(FILE *port)
{
	if (!is_seen) {
		fprintf(port, "null");
		return;
	}
	fputc('{', port);
	print_maps(port);
	print_instructions(port);
	fprintf(port, "\"type\":%u,\"attachType\":%u,\"flags\":%u,\"attachBtfId\":%u,\"functions\":%u,\"lines\":%u}",
		last.prog_type, last.expected_attach_type, last.prog_flags, last.attach_btf_id, last.func_info_cnt,
		last.line_info_cnt);
}
