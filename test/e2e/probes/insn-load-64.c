/* A load of 64 bits takes two instructions, of which the second has but an immediate. */
#include "probe.h"

RAW_PROGRAM(plain, RAW(0x18, 0, 0, 0, 5) RAW(0, 0, 0, 0, 6))
RAW_PROGRAM(second_code, RAW(0x18, 0, 0, 0, 5) RAW(0xb7, 0, 0, 0, 6))
RAW_PROGRAM(second_register, RAW(0x18, 0, 0, 0, 5) RAW(0, 1, 0, 0, 6))
RAW_PROGRAM(second_source, RAW(0x18, 0, 0, 0, 5) RAW(0, 0, 1, 0, 6))
RAW_PROGRAM(second_offset, RAW(0x18, 0, 0, 0, 5) RAW(0, 0, 0, 9, 6))
RAW_PROGRAM(first_offset, RAW(0x18, 0, 0, 3, 5) RAW(0, 0, 0, 0, 6))
RAW_PROGRAM(unknown_source, RAW(0x18, 0, 9, 0, 5) RAW(0, 0, 0, 0, 6))
RAW_PROGRAM(other_size, RAW(0x10, 0, 0, 0, 5) RAW(0, 0, 0, 0, 6))
