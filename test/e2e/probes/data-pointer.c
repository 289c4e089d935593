/* An offset into a section, in the instruction and in the relocation. */
#include "probe.h"

int numbers[16] = { 1, 2, 3 };
static int hidden_numbers[16] = { 4, 5, 6 };
SEC("socket") int offsets(void *ctx) { numbers[9]++; return numbers[15] + hidden_numbers[2]; }
SEC("socket") int beyond(void *ctx) { return *((volatile int *)numbers + 64); }
