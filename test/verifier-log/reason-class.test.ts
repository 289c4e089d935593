import { expect, test } from 'vitest';
import { reasonClasses } from '../../harness/verifier-log/reason-class.ts';

// As kernels from 5.10 to 7.3 printed them, in this repository's own fixtures.
test.each([
  ['invalid access to packet, off=12 size=1, R1(id=0,off=12,r=0)', 'bounds'],
  ['R1 min value is outside of the allowed memory range', 'bounds'],
  ['invalid write to stack R10 off=-520 size=8', 'bounds'],
  ['invalid bpf_context access off=80 size=4', 'bounds'],
  ["R0 invalid mem access 'map_value_or_null'", 'null'],
  ['R1 type=map_ptr_or_null expected=map_ptr', 'null'],
  ['invalid indirect read from stack R2 off -8+4', 'uninitialised'],
  ['R0 !read_ok', 'uninitialised'],
  ["R7 invalid mem access 'scalar'", 'type'],
  ['R1 type=inv expected=fp', 'type'],
  ['unknown func bpf_loop#181', 'helper'],
  ['invalid func unknown#208', 'helper'],
  ['infinite loop detected at insn 3', 'loop'],
  ['BPF program is too large. Processed 1000001 insn', 'loop'],
  ['The sequence of 8193 jumps is too complex.', 'loop'],
  ['unknown opcode e5', 'instruction'],
  ['At program exit the register R0 has value (0x2; 0x0)', 'return value'],
  ['write into map forbidden, value_size=4 off=0 size=4', 'read-only'],
  ['Unreleased reference id=2 alloc_insn=6', 'reference'],
])('Linux: %s', (reason, wanted) => {
  expect(reasonClasses(reason, 'linux')).toEqual([wanted]);
});

// As PREVAIL v0.2.4 words them; none was recorded on Windows.
test.each([
  [
    'Upper bound must be at most packet_size (valid_access(r1.offset+12, width=2) for read)',
    'bounds',
  ],
  ['Lower bound must be at least r10.stack_offset - subprogram_stack_size (…)', 'bounds'],
  ['Possible null access (valid_access(r0.offset, width=8) for read)', 'null'],
  ['Invalid type (r0.type == number)', 'uninitialised'],
  ['Invalid type (r1.type in {ctx, stack, packet, shared})', 'type'],
  ['Stack content is not numeric (…)', 'uninitialised'],
  ['not implemented: helper function is unavailable on this platform', 'helper'],
  ['Loop counter is too large (pc[4] < 100000)', 'loop'],
  ['rejected: requires conformance group packet', 'instruction'],
  ['bad instruction op 0x8d', 'instruction'],
  ['too many call stack frames', 'calls'],
  ['Only numbers can be added to pointers', 'arithmetic'],
])('PREVAIL: %s', (reason, wanted) => {
  expect(reasonClasses(reason, 'windows')).toContain(wanted);
});

test('words that nobody knows have no class', () => {
  expect(reasonClasses('something new', 'linux')).toEqual([]);
  expect(reasonClasses('something new', 'windows')).toEqual([]);
});
