#include "probe.h"

#define STORED "*(u64 *)(r10 - 8) = r0;"

RAW_PROGRAM(add, STORED RAW(0xdb, 10, 1, -8, 0))
RAW_PROGRAM(add_32, STORED RAW(0xc3, 10, 1, -8, 0))
RAW_PROGRAM(add_16, STORED RAW(0xcb, 10, 1, -8, 0))
RAW_PROGRAM(fetch_add, STORED RAW(0xdb, 10, 1, -8, 1))
RAW_PROGRAM(fetch_or, STORED RAW(0xdb, 10, 1, -8, 0x41))
RAW_PROGRAM(and_without_fetch, STORED RAW(0xdb, 10, 1, -8, 0x50))
RAW_PROGRAM(xor_32, STORED RAW(0xc3, 10, 1, -8, 0xa0))
RAW_PROGRAM(exchange, STORED RAW(0xdb, 10, 1, -8, 0xe1))
RAW_PROGRAM(compare_exchange, STORED RAW(0xdb, 10, 1, -8, 0xf1))
RAW_PROGRAM(load_acquire, STORED RAW(0xdb, 1, 10, -8, 0x100))
RAW_PROGRAM(store_release, STORED RAW(0xdb, 10, 1, -8, 0x110))
RAW_PROGRAM(unknown, STORED RAW(0xdb, 10, 1, -8, 0x33))
