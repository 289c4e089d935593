/* addr_space_cast is a move with an offset of 1 and spaces in its immediate. */
#include "probe.h"

RAW_PROGRAM(to_kernel, RAW(0xbf, 0, 1, 1, 1))
RAW_PROGRAM(to_user, RAW(0xbf, 0, 1, 1, 0x10000))
RAW_PROGRAM(both, RAW(0xbf, 0, 1, 1, 0x10001))
