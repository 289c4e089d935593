/* Loads and stores on the stack, with fields that have no meaning. */
#include "probe.h"

#define STORED "*(u64 *)(r10 - 8) = r0;"

RAW_PROGRAM(load, STORED RAW(0x79, 0, 10, -8, 0))
RAW_PROGRAM(load_immediate, STORED RAW(0x79, 0, 10, -8, 5))
RAW_PROGRAM(load_sign_8, STORED RAW(0x91, 0, 10, -8, 0))
RAW_PROGRAM(load_sign_64, STORED RAW(0x99, 0, 10, -8, 0))
RAW_PROGRAM(store, STORED RAW(0x7b, 10, 0, -8, 0))
RAW_PROGRAM(store_immediate_field, STORED RAW(0x7b, 10, 0, -8, 5))
RAW_PROGRAM(store_value, STORED RAW(0x7a, 10, 0, -8, -1))
RAW_PROGRAM(store_value_source, STORED RAW(0x7a, 10, 3, -8, -1))
RAW_PROGRAM(unknown_mode, STORED RAW(0xb9, 0, 10, -8, 0))
RAW_PROGRAM(unknown_store_mode, STORED RAW(0xdb, 10, 0, -8, 0x77))
RAW_PROGRAM(absolute, RAW(0x30, 0, 0, 0, 0))
RAW_PROGRAM(absolute_offset, RAW(0x30, 0, 0, 1, 0))
RAW_PROGRAM(indirect_destination, RAW(0x50, 3, 1, 0, 0))
