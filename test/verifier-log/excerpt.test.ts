import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from 'vitest';
import { excerptLog, type VerifiedStep } from '../../harness/verifier-log/excerpt.ts';

const LOGS = path.resolve(import.meta.dirname, '../../agent/loader/testdata/logs');

/** A log as a kernel of Debian printed it. */
function realLog(name: string): string {
  return readFileSync(path.join(LOGS, `${name}.log`), 'utf8');
}

function lines(steps: readonly VerifiedStep[]): string[] {
  return steps.map(({ insn, text, state }) => {
    const known = Object.entries(state).map(([name, value]) => `${name}=${value}`);
    return [`${insn}: ${text}`, ...known].join(' | ');
  });
}

describe('the last steps of a log', () => {
  test('have what each changed, as kernels print it since 5.17', () => {
    const steps = lines(excerptLog(realLog('null-check-7')));
    expect(steps).toEqual([
      '3: r2 += -4 | R2=fp-4',
      '4: r1 = 0xffff… | R1=map_ptr(map=packets_by_devi,ks=4,vs=8)',
      '6: call bpf_map_lookup_elem#1 | R0=map_value_or_null(id=1,map=packets_by_devi,ks=4,vs=8)',
      '7: r1 = 1 | R1=1',
      '8: lock *(u64 *)(r0 +0) += r1',
    ]);
  });

  test('have it before 5.17 by the most verbose log', () => {
    const [log, verbose] = [realLog('after-branches-5.10'), realLog('after-branches-5.10-verbose')];
    expect(lines(excerptLog(log, verbose))).toEqual([
      '8: r6 = r0 | R6=map_value_or_null(id=1,off=0,ks=4,vs=8,imm=0)',
      '20: r2 = r10 | R2=fp0',
      '21: r2 += -4 | R2=fp-4',
      '22: r1 = 0xffff… | R1=map_ptr(id=0,off=0,ks=4,vs=8,imm=0)',
      '24: call bpf_map_delete_elem#3 | R0=inv(id=0)',
      '25: r0 = *(u64 *)(r6 +0) | R6=map_value_or_null(id=1,off=0,ks=4,vs=8,imm=0)',
    ]);
  });

  test('have it also of steps before a branch, which the most verbose log has elsewhere', () => {
    const [log, verbose] = [realLog('in-function-5.10'), realLog('in-function-5.10-verbose')];
    expect(lines(excerptLog(log, verbose))).toEqual([
      '39: r2 = r6 | R2=fp-4',
      '40: call bpf_map_lookup_elem#1 | R0=map_value_or_null(id=3,off=0,ks=4,vs=8,imm=0)',
      '41: r1 = *(u32 *)(r6 +0) | R1=inv(id=0,umax_value=4294967295,var_off=(0x0; 0xffffffff))',
      // What the most verbose log says after it is of the other branch.
      '42: if w1 != 0x4 goto pc+4',
      '47: r0 = *(u64 *)(r0 +0)',
    ]);
  });

  test('have it not where it is not certain which pass of a loop it is of', () => {
    const log =
      '1: (07) r1 += 1\n2: (15) if r1 == 0x9 goto pc+7\n\nfrom 2 to 10: R1=inv9\n10: (95) exit\nerror\n';
    const pass = (n: number) =>
      `1: R1=inv${n} R10=fp0\n1: (07) r1 += 1\n2: R1_w=inv${n + 1} R10=fp0\n2: (15) if r1 == 0x9 goto pc+7\n`;
    const end = '3: R1=inv9\n3: (95) exit\n10: R1=inv9 R10=fp0\n10: (95) exit\nerror\n';
    const stateOf = (verbose: string) => excerptLog(log, verbose)[0]?.state;
    expect(stateOf(`func#0 @0\n${pass(8)}${end}`)).toEqual({ R1: 'inv9' });
    expect(stateOf(`func#0 @0\n${pass(3)}${pass(8)}${end}`)).toEqual({});
    // Its start is missing, and other passes may be with it.
    expect(stateOf(`${pass(8)}${end}`)).toEqual({});
  });

  test('have no state where a log does not tell it', () => {
    expect(lines(excerptLog(realLog('null-check-5.10')))).toEqual([
      '3: r2 += -4',
      '4: r1 = 0xffff…',
      '6: call bpf_map_lookup_elem#1',
      '7: r1 = 1',
      '8: lock *(u64 *)(r0 +0) += r1',
    ]);
  });

  test('go into functions', () => {
    expect(lines(excerptLog(realLog('subprogram-7'))).at(0)).toBe(
      '17: r1 = r0 | R1=map_value_or_null(id=3,map=counts,ks=4,vs=8)',
    );
    const entered = realLog('subprogram-7').split('\n13: ')[0] ?? '';
    expect(lines(excerptLog(entered))).toEqual([
      '7: if r1 > 0x3 goto pc+3 | R1=scalar(smin=smin32=0,smax=umax=smax32=umax32=3,var_off=(0x0; 0x3))',
      '8: r1 = r10 | R1=fp0',
      '9: r1 += -4 | R1=fp-4',
      '10: call pc+1',
      '12: r6 = r1 | R1=fp[0]-4',
    ]);
  });

  test('are none where the verifier had not come to any', () => {
    for (const name of ['unreachable-7', 'out-of-range-5.10', 'stack-of-functions-6.12']) {
      expect(excerptLog(realLog(name)), name).toEqual([]);
    }
    expect(excerptLog('')).toEqual([]);
  });

  test('are those before an endless loop closes', () => {
    expect(lines(excerptLog(realLog('infinite-loop-6.1'))).slice(-2)).toEqual([
      '2: r2 = *(u32 *)(r1 +0) | R2=scalar(umax=4294967295,var_off=(0x0; 0xffffffff))',
      '3: if w2 == 0x0 goto pc-2',
    ]);
  });
});

describe('a path', () => {
  const PATH = `0: R1=ctx() R10=fp0
0: (61) r7 = *(u32 *)(r1 +76)         ; R1=ctx() R7_w=pkt(r=0)
1: (bf) r6 = r1                       ; R1=ctx() R6_w=ctx()
2: (15) if r0 == 0x0 goto pc+7        ; R0=1
`;

  test('goes on at a branch that was left aside with that branch alone', () => {
    const log = `${PATH}3: (b4) w0 = 0 ; R0_w=0\n4: (95) exit\n
from 2 to 10: R0=0 R6=ctx() R7=pkt(r=0) R10=fp0
10: (71) r1 = *(u8 *)(r7 +0)\ninvalid access\n`;
    expect(lines(excerptLog(log))).toEqual([
      '2: if r0 == 0x0 goto pc+7',
      '10: r1 = *(u8 *)(r7 +0) | R7=pkt(r=0)',
    ]);
  });

  test('ends where the verifier knows what follows', () => {
    const log = `${PATH}3: safe\n3: (b4) w0 = 0 ; R0_w=0\n4: (79) r1 = *(u64 *)(r0 +0)\nerror\n`;
    expect(lines(excerptLog(log))).toEqual(['3: w0 = 0 | R0=0', '4: r1 = *(u64 *)(r0 +0)']);
  });

  test('begins with a function that is verified by itself', () => {
    const log = `${PATH}Validating f() func#1...\n3: R1=ctx() R10=fp0\n3: (61) r0 = *(u32 *)(r1 +8)\nerror\n`;
    expect(lines(excerptLog(log))).toEqual(['3: r0 = *(u32 *)(r1 +8) | R1=ctx()']);
  });

  test('shows where a register got its value that was used much later, but not that of another function', () => {
    const steps = Array.from({ length: 6 }, (_, i) => `${i + 4}: (b7) r1 = ${i} ; R1_w=${i}\n`);
    const call = `3: (85) call pc+30
caller:
 R6=ctx() R7=pkt(r=0) R10=fp0
callee:
 frame1: R1=ctx() R10=fp0
34: frame1: R1=ctx() R10=fp0
34: (bf) r7 = r1                      ; frame1: R1=ctx() R7_w=ctx()
35: (95) exit
returning from callee:
 frame1: R0=1 R7=ctx() R10=fp0
to caller at 4:
 R0=1 R6=ctx() R7=scalar() R10=fp0
`;
    const log = `${PATH}${call}${steps.join('')}10: (71) r1 = *(u8 *)(r7 +0)\nR7 invalid mem access\n`;
    expect(lines(excerptLog(log))).toEqual([
      '0: r7 = *(u32 *)(r1 +76) | R7=pkt(r=0)',
      '6: r1 = 2 | R1=2',
      '7: r1 = 3 | R1=3',
      '8: r1 = 4 | R1=4',
      '9: r1 = 5 | R1=5',
      '10: r1 = *(u8 *)(r7 +0)',
    ]);
  });

  test('is read from the end of a log whose middle was cut out', () => {
    const cut = `0: (b7) r1 = 0 ; R1_w=0\n${'x'.repeat(300_000)}\n1: (b7) r2 = 0 ; R2_w=0\nerror\n`;
    expect(lines(excerptLog(cut))).toEqual(['1: r2 = 0']);
  });
});
