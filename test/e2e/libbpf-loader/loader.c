/*
 * PID 1 of a guest that asks libbpf instead of our agent: loads each program of each object in /objects by
 * itself, writes a line of JSON about each to the port that an agent would use, and powers the machine off.
 *
 * A line is {"object", "program", "error": a name or null, "insns": a number or null}; the last is {"end": true}.
 */
#define _GNU_SOURCE
#include <bpf/libbpf.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PORT_NAME "crossbpf.agent"
#define PORTS "/sys/class/virtio-ports"
/* Statistics and errors, without the states: BPF_LOG_STATS of include/linux/bpf_verifier.h. */
#define LOG_STATISTICS 4

static char verifier_log[1 << 20];

static void fail(const char *what)
{
	fprintf(stderr, "libbpf-loader: %s: %s\n", what, strerror(errno));
	reboot(RB_POWER_OFF);
	exit(1);
}

static void mount_or_fail(const char *kind, const char *target)
{
	/* The kernel may have mounted devtmpfs by itself. */
	if (mount(kind, target, kind, 0, NULL) && errno != EBUSY)
		fail(target);
}

static int only_visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* Calls `visit` with the path of everything in a folder, in the order of names. */
static void each_file(const char *folder, void (*visit)(const char *path, void *context), void *context)
{
	struct dirent **entries;
	int count = scandir(folder, &entries, only_visible, alphasort);

	for (int i = 0; i < count; i++) {
		char path[512];

		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		visit(path, context);
		free(entries[i]);
	}
	if (count >= 0)
		free(entries);
}

static void load_module(const char *path, void *context)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	(void)context;
	if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
		fail(path);
	close(fd);
}

/* Leaves the device of a port with our name in `context`. */
static void match_port(const char *path, void *context)
{
	char name_path[600], name[64] = "";
	FILE *file;

	snprintf(name_path, sizeof(name_path), "%s/name", path);
	file = fopen(name_path, "r");
	if (!file)
		return;
	if (fgets(name, sizeof(name), file) && !strncmp(name, PORT_NAME "\n", sizeof(name)))
		snprintf(context, 512, "/dev/%s", strrchr(path, '/') + 1);
	fclose(file);
}

static FILE *open_port(void)
{
	char device[512] = "";
	FILE *port;

	for (int tries = 0; !device[0] && tries < 1000; tries++) {
		each_file(PORTS, match_port, device);
		if (!device[0])
			usleep(10 * 1000);
	}
	port = fopen(device, "w");
	if (!port)
		fail("open the port");
	setvbuf(port, NULL, _IOLBF, 0);
	return port;
}

/* libbpf's own words are of use only to who reads the console. */
static int print_warning(enum libbpf_print_level level, const char *format, va_list arguments)
{
	return level == LIBBPF_WARN ? vfprintf(stderr, format, arguments) : 0;
}

static struct bpf_object *open_object(const char *path)
{
	struct bpf_object *object = bpf_object__open_file(path, NULL);

	if (!object)
		fail(path);
	return object;
}

static void leave_out_others(struct bpf_object *object, const char *wanted)
{
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
		bpf_program__set_autoload(program, !strcmp(bpf_program__name(program), wanted));
}

static void report(FILE *port, const char *path, const char *program, int error)
{
	const char *name = error == 524 ? "ENOTSUPP" : strerrorname_np(error);
	const char *statistics = strstr(verifier_log, "processed ");
	int insns;

	fprintf(port, "{\"object\":\"%s\",\"program\":\"%s\"", strrchr(path, '/') + 1, program);
	if (error)
		fprintf(port, ",\"error\":\"%s\"", name ? name : "unknown");
	else
		fprintf(port, ",\"error\":null");
	if (statistics && sscanf(statistics, "processed %d insns", &insns) == 1)
		fprintf(port, ",\"insns\":%d}\n", insns);
	else
		fprintf(port, ",\"insns\":null}\n");
}

static void load_program(FILE *port, const char *path, const char *name)
{
	struct bpf_object *object = open_object(path);
	struct bpf_program *program = bpf_object__find_program_by_name(object, name);

	leave_out_others(object, name);
	verifier_log[0] = 0;
	bpf_program__set_log_level(program, LOG_STATISTICS);
	bpf_program__set_log_buf(program, verifier_log, sizeof(verifier_log));
	report(port, path, name, -bpf_object__load(object));
	bpf_object__close(object);
}

static void load_each_program(const char *path, void *port)
{
	struct bpf_object *object = open_object(path);
	struct bpf_program *program;

	bpf_object__for_each_program(program, object)
		load_program(port, path, bpf_program__name(program));
	bpf_object__close(object);
}

int main(void)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	FILE *port;

	mount_or_fail("proc", "/proc");
	mount_or_fail("sysfs", "/sys");
	mount_or_fail("devtmpfs", "/dev");
	mount_or_fail("bpf", "/sys/fs/bpf");
	mount_or_fail("tracefs", "/sys/kernel/tracing");
	if (setrlimit(RLIMIT_MEMLOCK, &unlimited))
		fail("RLIMIT_MEMLOCK");
	each_file("/modules", load_module, NULL);
	port = open_port();
	libbpf_set_print(print_warning);
	each_file("/objects", load_each_program, port);
	fprintf(port, "{\"end\":true}\n");
	fclose(port);
	reboot(RB_POWER_OFF);
	return 1;
}
