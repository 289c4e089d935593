/* What libbpf hands to BPF_PROG_LOAD, seen at the system call. */
#pragma once
#include <bpf/libbpf.h>
#include <stdio.h>

/* Marks the program that a load is about, as opposed to those by which libbpf probes for features, and asks for errors
   and statistics without the states: BPF_LOG_STATS of include/linux/bpf_verifier.h. */
#define MARKED_LOG_LEVEL 4

/* Forgets the last call, and names maps by this object from here on. */
void watch_object(struct bpf_object *object);
/* What the kernel answered to the last marked call, 0 for a program that it took; `otherwise` where there was none. */
int error_of_last(int otherwise);
/* Writes the last marked call as JSON: null where there was none. */
void print_handed(FILE *port);
/* Writes a string as JSON. */
void print_text(FILE *port, const char *text);
