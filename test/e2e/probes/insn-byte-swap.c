#include "probe.h"

RAW_PROGRAM(to_little_16, RAW(0xd4, 0, 0, 0, 16))
RAW_PROGRAM(to_big_32, RAW(0xdc, 0, 0, 0, 32))
RAW_PROGRAM(to_big_64, RAW(0xdc, 0, 0, 0, 64))
RAW_PROGRAM(to_big_8, RAW(0xdc, 0, 0, 0, 8))
RAW_PROGRAM(to_big_offset, RAW(0xdc, 0, 0, 1, 16))
RAW_PROGRAM(to_big_source, RAW(0xdc, 0, 1, 0, 16))
RAW_PROGRAM(swap_16, RAW(0xd7, 0, 0, 0, 16))
RAW_PROGRAM(swap_64, RAW(0xd7, 0, 0, 0, 64))
RAW_PROGRAM(swap_offset, RAW(0xd7, 0, 0, 1, 64))
RAW_PROGRAM(swap_source_bit, RAW(0xdf, 0, 0, 0, 64))
RAW_PROGRAM(swap_7, RAW(0xd7, 0, 0, 0, 7))
