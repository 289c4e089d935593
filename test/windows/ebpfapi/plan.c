// What a test tells the stand-in to do: lines of the file ebpfapi.plan beside the library.
//
//	no-driver                 as if eBPFCore did not run
//	takes-instructions        programs load without a native image, as where the JIT is built in
//	image-result NUMBER       no native image loads, and this is the ebpf_result_t of it
//	reject PROGRAM WORDS      the verifier rejects the program with these words, at its first instruction
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

#include "standin.h"

static const char library;

static FILE *open_plan(void)
{
	char path[MAX_PATH];
	HMODULE self = NULL;
	GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, &library,
			   &self);
	DWORD length = GetModuleFileNameA(self, path, sizeof(path));
	if (length < 4 || length >= sizeof(path))
		return NULL;
	strcpy(path + length - 3, "plan");
	return fopen(path, "r");
}

// The rest of the first line that begins with some words and a space.
static bool find_line(const char *words, char *rest, size_t size)
{
	char line[1024];
	FILE *plan = open_plan();
	bool is_found = false;
	size_t length = strlen(words);
	while (plan != NULL && !is_found && fgets(line, sizeof(line), plan) != NULL) {
		line[strcspn(line, "\r\n")] = 0;
		is_found = strncmp(line, words, length) == 0 && (line[length] == ' ' || line[length] == 0);
	}
	if (plan != NULL)
		fclose(plan);
	if (is_found)
		snprintf(rest, size, "%s", line + length + (line[length] == ' '));
	return is_found;
}

bool plan_has(const char *word)
{
	char rest[1024];
	return find_line(word, rest, sizeof(rest));
}

int plan_number(const char *word)
{
	char rest[1024];
	return find_line(word, rest, sizeof(rest)) ? atoi(rest) : 0;
}

bool plan_report(const char *program, char *report, size_t size)
{
	char words[256];
	snprintf(words, sizeof(words), "reject %s", program);
	return find_line(words, report, size);
}
