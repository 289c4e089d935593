import { constants } from 'node:os';
import { describe, expect, test } from 'vitest';
import { errnoName, errnoNumber } from '../../harness/scenarios/errno-names.ts';
import {
  returnMeaning,
  returnName,
  returnNames,
  returnNumber,
} from '../../harness/scenarios/return-names.ts';

const on = (programType: string) => ({ platform: 'linux', programType }) as const;

// Some numbers have a second name on this machine: EWOULDBLOCK is EAGAIN.
const HOST = Object.entries(constants.errno).filter(
  ([name]) => !['EWOULDBLOCK', 'EDEADLOCK', 'ENOTSUP'].includes(name),
);

test.runIf(process.platform === 'linux').each(HOST)(
  '%s is %i, as on this machine',
  (name, number) => {
    expect(errnoName(number)).toBe(name);
    expect(errnoNumber(name)).toBe(number);
  },
);

test.each([0, -1, 41, 58, 134, 4096])('%i is no error', number => {
  expect(errnoName(number)).toBeUndefined();
});

test.each([
  [2, 'xdp', 'XDP_PASS'],
  [5, 'xdp', null],
  [0xffff_ffff, 'sched_cls', 'TC_ACT_UNSPEC'],
  [2, 'sched_cls', 'TC_ACT_SHOT'],
  [0, 'cgroup_skb', 'deny'],
  [0xffff_ffff, 'lsm', '-EPERM'],
  [0xffff_ffea, 'xdp', '-EINVAL'],
  [-524 >>> 0, 'raw_tracepoint', '-ENOTSUPP'],
  [0, 'lsm', null],
  [2, 'socket_filter', null],
])('%i of %s is %s', (retval, programType, name) => {
  expect(returnName(retval, on(programType))).toBe(name);
  if (name !== null) expect(returnNumber(name, on(programType))).toBe(retval);
});

test.each(['XDP_PASS', 'EPERM', '-EFOO', '--', ''])('no program of type lsm returns %j', name => {
  expect(returnNumber(name, on('lsm'))).toBeUndefined();
});

test('a second name of a number is read, and not shown', () => {
  expect(returnNumber('TCX_DROP', on('sched_cls'))).toBe(2);
  expect(returnNames(on('sched_cls'))).toContain('TCX_DROP');
});

describe('on Windows', () => {
  const there = (programType: string) => ({ platform: 'windows', programType }) as const;

  test.each([
    [1, 'xdp', 'XDP_PASS'],
    [2, 'xdp', 'XDP_DROP'],
    [0, 'xdp', null],
    [1, 'bind', 'BIND_DENY'],
    [0, 'cgroup_sock_addr', 'BPF_SOCK_ADDR_VERDICT_REJECT'],
    [-19 >>> 0, 'bind', '-EBPF_KEY_NOT_FOUND'],
    [-6 >>> 0, 'xdp', '-EBPF_INVALID_ARGUMENT'],
    [-35 >>> 0, 'xdp', null],
  ])('%i of %s is %s', (retval, programType, name) => {
    expect(returnName(retval, there(programType))).toBe(name);
    if (name !== null) expect(returnNumber(name, there(programType))).toBe(retval);
  });

  test.each([
    [1, 1, 'cgroup_sock_addr', true],
    [1, 2, 'cgroup_sock_addr', true],
    [0, 2, 'cgroup_sock_addr', false],
    [2, 1, 'xdp', true],
    [2, 2, 'xdp', false],
    [-2 >>> 0, -19 >>> 0, 'xdp', true],
    [-1 >>> 0, -19 >>> 0, 'xdp', false],
  ])('%i of Linux and %i here mean the same of %s: %s', (linux, windows, programType, wanted) => {
    const one = returnMeaning(linux, on(programType));
    expect(one === returnMeaning(windows, there(programType))).toBe(wanted);
  });

  test('a number that nothing is known of means nothing', () => {
    expect(returnMeaning(7, there('xdp'))).toBeNull();
  });
});
