/*
 * PID 1 of a guest that asks libbpf instead of our agent: loads each program of each object in /objects by itself,
 * writes a line of JSON about each to the port that an agent would use, and powers the machine off.
 *
 * A line is {"object", "program", "error", "words", "insns", "handed"}, as ask-libbpf.ts reads it; the last is
 * {"end": true}. Each program is loaded in a child, as libbpf 1.1.2 crashes on some objects.
 */
#define _GNU_SOURCE
#include "guest.h"
#include "handed.h"
#include <errno.h>
#include <linux/bpf.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <unistd.h>

/* What a child says of itself, so that it is known where it crashed. */
struct progress {
	int programs;
	char program[256];
};

/* The least that the kernel takes where the object leaves a size to its loader, and what libbpf-tools set. */
#define LEAST_RING 4096
#define STACK_BYTES (127 * 8)

static struct progress *progress;
static char verifier_log[1 << 20];
/* libbpf's last warning, of which the first words say what went wrong. */
static char words[1024];

static int keep_warning(enum libbpf_print_level level, const char *format, va_list arguments)
{
	if (level != LIBBPF_WARN || strstr(format, "BEGIN PROG LOAD LOG"))
		return 0;
	if (!words[0])
		vsnprintf(words, sizeof(words), format, arguments);
	return 0;
}

/* The last line of its kind: 7.2 has one before it that begins with other words. */
static const char *last_statistics(void)
{
	const char *found = NULL;

	for (const char *at = verifier_log; (at = strstr(at, "\nprocessed ")); at++)
		found = at + 1;
	return found;
}

static void report(FILE *port, const char *path, const char *program, int error)
{
	const char *name = error == 524 ? "ENOTSUPP" : strerrorname_np(error);
	const char *statistics = last_statistics();
	int insns;

	fprintf(port, "{\"object\":");
	print_text(port, strrchr(path, '/') + 1);
	fprintf(port, ",\"program\":");
	print_text(port, program);
	fprintf(port, error ? ",\"error\":\"%s\"" : ",\"error\":null", name ? name : "unknown");
	fprintf(port, ",\"words\":");
	print_text(port, words);
	if (statistics && sscanf(statistics, "processed %d insns", &insns) == 1)
		fprintf(port, ",\"insns\":%d", insns);
	else
		fprintf(port, ",\"insns\":null");
	fprintf(port, ",\"handed\":");
	print_handed(port);
	fprintf(port, "}\n");
	fflush(port);
}

/* Sets what an object leaves to its loader, as libbpf-tools do. */
static void complete_map(struct bpf_map *map)
{
	int type = bpf_map__type(map);

	if (type == BPF_MAP_TYPE_STACK_TRACE && !bpf_map__value_size(map))
		bpf_map__set_value_size(map, STACK_BYTES);
	if (bpf_map__max_entries(map))
		return;
	switch (type) {
	case BPF_MAP_TYPE_RINGBUF:
	case BPF_MAP_TYPE_USER_RINGBUF:
		bpf_map__set_max_entries(map, LEAST_RING);
		break;
	/* libbpf knows the number of processors; storages and struct_ops have no size. */
	case BPF_MAP_TYPE_PERF_EVENT_ARRAY:
	case BPF_MAP_TYPE_STRUCT_OPS:
	case BPF_MAP_TYPE_CGROUP_STORAGE:
	case BPF_MAP_TYPE_PERCPU_CGROUP_STORAGE:
	case BPF_MAP_TYPE_SK_STORAGE:
	case BPF_MAP_TYPE_INODE_STORAGE:
	case BPF_MAP_TYPE_TASK_STORAGE:
	case 32: /* BPF_MAP_TYPE_CGRP_STORAGE, from 6.2 on */
		break;
	default:
		bpf_map__set_max_entries(map, 1);
	}
}

static void load_program(FILE *port, const char *path, struct bpf_object *object, struct bpf_program *wanted)
{
	struct bpf_program *program;
	struct bpf_map *map;

	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, program == wanted);
	bpf_object__for_each_map(map, object)
		complete_map(map);
	bpf_program__set_log_level(wanted, MARKED_LOG_LEVEL);
	bpf_program__set_log_buf(wanted, verifier_log, sizeof(verifier_log));
	watch_object(object);
	report(port, path, bpf_program__name(wanted), error_of_last(-bpf_object__load(object)));
}

/* In a child: the program of a number, where the object has it. */
static void load_numbered(FILE *port, const char *path, int number)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);
	struct bpf_program *program, *wanted = NULL;
	int count = 0;

	if (!object) {
		report(port, path, "", errno);
		return;
	}
	bpf_object__for_each_program(program, object)
		if (count++ == number)
			wanted = program;
	progress->programs = count;
	if (!wanted)
		return;
	snprintf(progress->program, sizeof(progress->program), "%s", bpf_program__name(wanted));
	load_program(port, path, object, wanted);
}

static void load_in_child(FILE *port, const char *path, int number)
{
	int status;
	pid_t child = fork();

	if (child < 0)
		fail("fork");
	if (!child) {
		load_numbered(port, path, number);
		fflush(port);
		_exit(0);
	}
	if (waitpid(child, &status, 0) < 0)
		fail("waitpid");
	if (WIFSIGNALED(status)) {
		snprintf(words, sizeof(words), "libbpf crashed: %s", strsignal(WTERMSIG(status)));
		report(port, path, progress->program, EFAULT);
		words[0] = 0;
	}
}

static void load_each_program(const char *path, void *port)
{
	int number = 0;

	progress->programs = 0;
	do {
		progress->program[0] = 0;
		load_in_child(port, path, number);
	} while (++number < progress->programs);
}

int main(void)
{
	FILE *port = start_guest();

	progress = mmap(NULL, sizeof(*progress), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (progress == MAP_FAILED)
		fail("mmap");
	libbpf_set_print(keep_warning);
	each_file("/objects", load_each_program, port);
	fprintf(port, "{\"end\":true}\n");
	fclose(port);
	reboot(RB_POWER_OFF);
	return 1;
}
