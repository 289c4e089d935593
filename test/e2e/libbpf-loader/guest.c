#define _GNU_SOURCE
#include "guest.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#define PORT_NAME "crossbpf.agent"
#define PORTS "/sys/class/virtio-ports"

void fail(const char *what)
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

void each_file(const char *folder, void (*visit)(const char *path, void *context), void *context)
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
	return port;
}

/* libbpf looks for the kernel's configuration where a distribution has it. */
static void name_configuration(void)
{
	struct utsname name;
	char path[128];

	uname(&name);
	snprintf(path, sizeof(path), "/boot/config-%s", name.release);
	if (!access("/boot/config", R_OK) && symlink("/boot/config", path) && errno != EEXIST)
		fail(path);
}

FILE *start_guest(void)
{
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };

	mount_or_fail("proc", "/proc");
	mount_or_fail("sysfs", "/sys");
	mount_or_fail("devtmpfs", "/dev");
	mount_or_fail("bpf", "/sys/fs/bpf");
	mount_or_fail("tracefs", "/sys/kernel/tracing");
	if (setrlimit(RLIMIT_MEMLOCK, &unlimited))
		fail("RLIMIT_MEMLOCK");
	name_configuration();
	each_file("/modules", load_module, NULL);
	return open_port();
}
