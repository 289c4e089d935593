#include "probe.h"

RAW_PROGRAM(zeros, RAW(0, 0, 0, 0, 0))
RAW_PROGRAM(ones, ".8byte 0xffffffffffffffff;")
SEC("socket") __attribute__((naked)) int without_exit(void)
{
	asm volatile("r0 = 0;");
}
