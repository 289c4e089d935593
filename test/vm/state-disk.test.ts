import { describe, expect, test } from 'vitest';
import { STATE_NAME, stateDisk, withoutFlush } from '../../harness/vm/state-disk.ts';

const CLUSTER = 65_536;

/** A section of a stream of QEMU's: type, number, name, instance, version, body, footer. */
function section(id: number, name: string, body: string): Buffer {
  const head = Buffer.concat([word(id), Buffer.from([name.length]), Buffer.from(name)]);
  const versions = Buffer.concat([word(0), word(1)]);
  return Buffer.concat([
    ...[Buffer.from([0x04]), head, versions, Buffer.from(body, 'hex')],
    ...[Buffer.from([0x7e]), word(id)],
  ]);
}

function word(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return bytes;
}

const TIMER = section(3, 'timer', '0011');
const COMMON = section(4, 'cpu_common', '0000000100000000');
const CPU = section(5, 'cpu', 'ffff7e');

describe('a state without the section that makes QEMU forget its translations', () => {
  test('has all the other sections', () => {
    expect(withoutFlush(Buffer.concat([TIMER, COMMON, CPU]))).toEqual(Buffer.concat([TIMER, CPU]));
  });

  test.each([
    ['none', [TIMER, CPU]],
    ['two processors', [TIMER, COMMON, CPU, COMMON, CPU]],
    ['a section with more in it', [TIMER, section(4, 'cpu_common', '00000001000000000005'), CPU]],
    ['a section that is cut off', [TIMER, COMMON.subarray(0, -6)]],
    ['a name at the start', [Buffer.from('\x0acpu_common')]],
  ])('is not made of one with %s', (_, parts) => {
    expect(withoutFlush(Buffer.concat(parts))).toBeUndefined();
  });
});

describe('a disk with a state', () => {
  const state = Buffer.alloc(2 * CLUSTER + 10, 'abc');
  const disk = stateDisk(state);
  const offset = (at: number) => Number(disk.readBigUInt64BE(at));

  test('is qcow2 of version 3 with one snapshot, which names the state and its length', () => {
    expect(disk.toString('latin1', 0, 4)).toBe('QFI\xfb');
    expect([disk.readUInt32BE(4), disk.readUInt32BE(60)]).toEqual([3, 1]);
    const entry = offset(64);
    expect(disk.toString('latin1', entry + 56, entry + 58)).toBe(`1${STATE_NAME}`);
    expect(disk.readUInt32BE(entry + 32)).toBe(state.length);
  });

  test('maps the state behind the disk’s own end, piece by piece', () => {
    const savedL1 = offset(offset(64));
    expect(offset(savedL1)).toBe(0);
    const l2 = offset(savedL1 + 8);
    const pieces = [0, 1, 2].map(piece => offset(l2 + 8 * piece));
    const mapped = Buffer.concat(pieces.map(at => disk.subarray(at, at + CLUSTER)));
    expect(mapped.subarray(0, state.length)).toEqual(state);
    expect(offset(l2 + 8 * 3)).toBe(0);
  });

  test('counts each of its clusters once', () => {
    const counts = offset(offset(48));
    const clusters = disk.length / CLUSTER;
    const counted = Array.from({ length: clusters + 1 }, (_, at) =>
      disk.readUInt16BE(counts + 2 * at),
    );
    expect(counted).toEqual([...Array(clusters).fill(1), 0]);
  });

  test('takes no state that it cannot map', () => {
    expect(() => stateDisk({ length: 2 ** 29 + 1 } as Buffer)).toThrow(RangeError);
  });
});
