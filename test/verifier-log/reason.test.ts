import { describe, expect, test } from 'vitest';
import { normalizeReason } from '../../harness/verifier-log/normalize.ts';
import { findLack, findReason } from '../../harness/verifier-log/reason.ts';

// As Debian's kernels 6.1.192 and 7.3.4 printed them.
const OLD_FORM = `; int unreleased(void *ctx)
0: (bf) r4 = r10                      ; R4_w=fp0 R10=fp0
; if (bpf_ringbuf_reserve_dynptr(&events, 8, 0, &record))
6: (85) call bpf_ringbuf_reserve_dynptr#198   ; R0=scalar() fp-16=dynptr_ringbuf refs=1
7: (55) if r0 != 0x0 goto pc+4        ; R0=0 fp-16=dynptr_ringbuf refs=1
from 7 to 12: R10=fp0 fp-16=dynptr_ringbuf refs=1
12: (b4) w0 = 0                       ; R0_w=0 refs=1
13: (95) exit
Unreleased reference id=2 alloc_insn=6
verification time 2520 usec
stack depth 16
processed 15 insns (limit 1000000) max_states_per_insn 1 total_states 1 peak_states 1 mark_read 0
`;

const NEW_FORM = `arg#0 reference type('UNKNOWN ') size cannot be determined: -22
0: R1=ctx() R10=fp0
12: (b4) w0 = 0                       ; R0=0 refs=1
13: (95) exit
Unreleased reference id=1 alloc_insn=6

Verification failed: Resource Lifetime Safety: Unreleased resource

Reason:
  Owned resource (id=1) was acquired at instruction 6 and still needs to be released before this
  exit path.

At:
  unreleased @ dynptr-ring-buffer.bpf.c:38:1
  Instruction context:
      11 | (85) call bpf_ringbuf_submit_dynptr#199
  >>> 13 | (95) exit

processed 15 insns (limit 1000000) max_states_per_insn 1 total_states 1 peak_states 1 mark_read 0
`;

describe('the reason in a log', () => {
  test('is the first message after the last instruction', () => {
    expect(findReason(OLD_FORM)).toBe('Unreleased reference id=2 alloc_insn=6');
  });

  test('is the message before the report since 7.3, so that it compares', () => {
    expect(findReason(NEW_FORM)).toBe('Unreleased reference id=1 alloc_insn=6');
  });

  test('is the report’s own where no message is before it', () => {
    const onlyReport = NEW_FORM.replace('Unreleased reference id=1 alloc_insn=6\n', '');
    expect(findReason(onlyReport)).toBe(
      'Resource Lifetime Safety: Unreleased resource: Owned resource (id=1) was acquired at instruction 6 and still needs to be released before this exit path.',
    );
  });

  test('may stand before any instruction', () => {
    const log =
      "number of funcs in func_info doesn't match number of subprogs\nprocessed 0 insns\n";
    expect(findReason(log)).toBe("number of funcs in func_info doesn't match number of subprogs");
  });

  test('is not the state of registers, which 5.10 prints before it, of a function too', () => {
    const log = [
      '60: (85) call bpf_probe_read_kernel#113',
      ' frame1: R0=map_value(id=0,off=0,ks=8,vs=144,imm=0) R1_w=inv(id=4,umax_value=4294967295)',
      'R4 unbounded memory access, make sure to bounds check any such access',
      'processed 61 insns',
    ];
    expect(findReason(log.join('\n'))).toBe(
      'R4 unbounded memory access, make sure to bounds check any such access',
    );
  });

  test('is not there in an empty log or one of statistics', () => {
    expect(findReason('')).toBeUndefined();
    expect(
      findReason('verification time 2 usec\nstack depth 0\nprocessed 2 insns\n'),
    ).toBeUndefined();
    const of72 = 'stack depth 8+0 max 0\ninsns processed 6+1\nprocessed 7 insns\n';
    expect(findReason(of72)).toBeUndefined();
  });
});

describe('what a kernel lacks', () => {
  // As the agent says it of the objects in Debian's golang-github-cilium-ebpf-dev 0.11.0.
  test.each([
    [
      'this kernel has no field s._1, no field s._2, no field s._3, 7 more: load program: bad CO-RE relocation: invalid func unknown#195896080',
      'this kernel has no field s._1, no field s._2, no field s._3, 7 more',
    ],
    [
      'this kernel has no type ambiguous: load program: bad CO-RE relocation: frame pointer is read only',
      'this kernel has no type ambiguous',
    ],
    [
      "load program: invalid argument: number of funcs in func_info doesn't match number of subprogs",
      undefined,
    ],
    ['', undefined],
  ])('%s', (message, lack) => {
    expect(findLack(message)).toBe(lack);
  });
});

// As Debian's kernels printed them, for objects of xdp-tools and golang-github-cilium-ebpf-dev.
test.each([
  [
    '; \n0: (bf) r3 = r10\n1: (07) r3 += -10\n; \n2: (b4) w2 = 0\n3: (b4) w4 = 10\n4: (85) call unknown#189\ninvalid func unknown#189\nverification time 680 usec\nstack depth 0\nprocessed 5 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n',
    'invalid func unknown#189',
  ],
  [
    '; instruction poisoned by CO-RE\n0: (18) r10 = 0xbad2310\nframe pointer is read only\nverification time 618 usec\nstack depth 0\nprocessed 1 insns (limit 1000000) max_states_per_insn 0 total_states 0 peak_states 0 mark_read 0\n',
    'frame pointer is read only',
  ],
])('a log of what the kernel does not know: %#', (log, reason) => {
  expect(findReason(log)).toBe(reason);
});

describe('messages mean the same', () => {
  test.each([
    ["R1 invalid mem access 'inv'", "R7 invalid mem access 'scalar'"],
    ['Unreleased reference id=2 alloc_insn=6', 'Unreleased reference id=1 alloc_insn=9'],
    ['R1 type=map_value_or_null expected=map_ptr', 'R2 type=map_ptr_or_null expected=map_ptr'],
    [
      'At program exit the register R0 has value (0x2; 0x0) should have been in (0x0; 0x1)',
      'At program exit the register R0 has smin=2 smax=2 should have been in [0, 1]',
    ],
    ['invalid write to stack R10 off=-520 size=8', 'invalid write to stack R1 off=-528 size=1'],
  ])('%s / %s', (one, other) => {
    expect(normalizeReason(one)).toBe(normalizeReason(other));
  });
});

test.each([
  ['unknown opcode e5', 'unknown opcode c3'],
  ['invalid func unknown#198', 'Unreleased reference id=1 alloc_insn=6'],
  ['invalid read from stack', 'invalid write to stack'],
])('%s and %s do not', (one, other) => {
  expect(normalizeReason(one)).not.toBe(normalizeReason(other));
});

test('what the agent says of a log that it cut is no reason', () => {
  const note =
    '[crossbpf: only the verifier\u2019s last words, as it processed 1000001 instructions]';
  const words = 'BPF program is too large. Processed 1000001 insn';
  const stats = 'processed 1000001 insns (limit 1000000) max_states_per_insn 4 total_states 9';
  expect(findReason(`${note}\n${words}\n${stats}\n`)).toBe(words);
});
