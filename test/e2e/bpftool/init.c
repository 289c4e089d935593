/*
 * PID 1 of a guest that runs bpftool: what `bpftool -j feature probe kernel full` writes goes to the port that an agent
 * would use, and the machine powers itself off.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define PORTS "/sys/class/virtio-ports"

static void fail(const char *what)
{
	fprintf(stderr, "bpftool-init: %s: %s\n", what, strerror(errno));
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

static void load_modules(void)
{
	struct dirent **entries;
	int count = scandir("/modules", &entries, only_visible, alphasort);

	for (int i = 0; i < count; i++) {
		char path[512];
		int fd;

		snprintf(path, sizeof(path), "/modules/%s", entries[i]->d_name);
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0 || (syscall(SYS_finit_module, fd, "", 0) && errno != EEXIST))
			fail(path);
		close(fd);
	}
}

/* The guest has one port. */
static int open_port(void)
{
	for (int tries = 0; tries < 1000; tries++) {
		struct dirent **entries;
		int count = scandir(PORTS, &entries, only_visible, alphasort);

		if (count > 0) {
			char path[512];
			int fd;

			snprintf(path, sizeof(path), "/dev/%s", entries[0]->d_name);
			fd = open(path, O_WRONLY);
			if (fd >= 0)
				return fd;
		}
		usleep(10 * 1000);
	}
	fail("open the port");
	return -1;
}

int main(void)
{
	char *command[] = { "/bpftool/ld.so", "--library-path", "/bpftool", "/bpftool/bpftool", "-j",
			    "feature", "probe", "kernel", "full", NULL };
	struct rlimit unlimited = { RLIM_INFINITY, RLIM_INFINITY };
	int port, status;
	pid_t child;

	mount_or_fail("proc", "/proc");
	mount_or_fail("sysfs", "/sys");
	mount_or_fail("devtmpfs", "/dev");
	mount_or_fail("bpf", "/sys/fs/bpf");
	if (setrlimit(RLIMIT_MEMLOCK, &unlimited))
		fail("RLIMIT_MEMLOCK");
	load_modules();
	if (chmod("/bpftool/ld.so", 0755) || chmod("/bpftool/bpftool", 0755))
		fail("chmod");
	port = open_port();
	child = fork();
	if (child < 0)
		fail("fork");
	if (child == 0) {
		dup2(port, STDOUT_FILENO);
		execv(command[0], command);
		fail(command[0]);
	}
	if (waitpid(child, &status, 0) < 0 || status != 0)
		fprintf(stderr, "bpftool-init: bpftool ended with %d\n", status);
	close(port);
	reboot(RB_POWER_OFF);
	return 1;
}
