/* Fields of ALU operations that have no meaning: a source register with an immediate, an immediate with a register. */
#include "probe.h"

RAW_PROGRAM(add_immediate_source, RAW(0x07, 0, 1, 0, 1))
RAW_PROGRAM(add_register_immediate, RAW(0x0f, 0, 1, 0, 7))
RAW_PROGRAM(mov_immediate_source, RAW(0xb7, 0, 2, 0, 1))
RAW_PROGRAM(mov_register_immediate, RAW(0xbf, 0, 1, 0, 7))
RAW_PROGRAM(neg, RAW(0x87, 0, 0, 0, 0))
RAW_PROGRAM(neg_offset, RAW(0x87, 0, 0, 4, 0))
RAW_PROGRAM(neg_immediate, RAW(0x87, 0, 0, 0, 4))
RAW_PROGRAM(neg_source, RAW(0x8f, 0, 1, 0, 0))
RAW_PROGRAM(neg_source_field, RAW(0x87, 0, 1, 0, 0))
RAW_PROGRAM(unknown_operation, RAW(0xe7, 0, 0, 0, 0))
RAW_PROGRAM(unknown_operation_32, RAW(0xf4, 0, 0, 0, 0))
RAW_PROGRAM(register_11, RAW(0xb7, 11, 0, 0, 0))
RAW_PROGRAM(register_15, RAW(0xbf, 0, 15, 0, 0))
RAW_PROGRAM(frame_pointer, RAW(0xb7, 10, 0, 0, 0))
