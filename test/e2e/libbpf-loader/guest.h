/* What PID 1 of a guest does before and after its work. */
#pragma once
#include <stdio.h>

/* Ends the machine, with why on the console. */
void fail(const char *what);
/* Calls `visit` with the path of everything in a folder, in the order of names. */
void each_file(const char *folder, void (*visit)(const char *path, void *context), void *context);
/* Mounts what programs need, loads the modules, and opens the port that an agent would use. */
FILE *start_guest(void);
