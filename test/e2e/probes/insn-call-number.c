/* Numbers of helpers that no kernel has. */
#include "probe.h"

RAW_PROGRAM(minus_one, RAW(0x85, 0, 0, 0, -1))
RAW_PROGRAM(large, RAW(0x85, 0, 0, 0, 0x12345678))
RAW_PROGRAM(largest, RAW(0x85, 0, 0, 0, 0x7fffffff))
RAW_PROGRAM(smallest, RAW(0x85, 0, 0, 0, 0x80000000))
RAW_PROGRAM(zero, RAW(0x85, 0, 0, 0, 0))
RAW_PROGRAM(next_to_last, RAW(0x85, 0, 0, 0, 400))
RAW_PROGRAM(prandom, RAW(0x85, 0, 0, 0, 7))
RAW_PROGRAM(prandom_offset, RAW(0x85, 0, 0, 1, 7))
RAW_PROGRAM(prandom_destination, RAW(0x85, 1, 0, 0, 7))
RAW_PROGRAM(unknown_source, RAW(0x85, 0, 5, 0, 7))
RAW_PROGRAM(by_register, RAW(0x8d, 1, 0, 0, 0))
