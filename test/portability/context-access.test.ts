import { expect, test } from 'vitest';
import { judgeOnLinux } from '../../harness/portability/judge-linux.ts';
import { loadTables } from '../../harness/portability/load-tables.ts';
import { type Finding, type NeededProgram, objectNeeds } from '../../harness/portability/needs.ts';

const { linux: table } = await loadTables();

interface Asked {
  readonly type: string;
  readonly attachType?: string;
  readonly attachTo?: string;
  readonly access?: string;
  readonly needs?: readonly object[];
  readonly maps?: readonly object[];
  readonly faults?: Finding['faults'];
}

/** What stops a program on a version. */
function stopsOn(version: string, asked: Asked): string[] {
  const { type, attachType = '', attachTo = '', access, maps = [], faults = [] } = asked;
  const read = access === undefined ? [] : [need('context', access)];
  const program = {
    name: 'prog',
    section: '',
    type,
    attachType,
    attachTo,
    sleepable: false,
    frags: false,
    insns: 4,
    needs: [...read, ...(asked.needs ?? [])],
    unreached: [],
    kernels: {},
  };
  const object = objectNeeds.parse({
    object: 'prog.o',
    error: null,
    byteOrder: 'little',
    maps,
    programs: [program],
  });
  const [only] = object.programs as [NeededProgram];
  const lists = { absent: [], different: [], unreached: [], faults };
  const finding: Finding = { ...lists, target: null, result: null };
  const question = { table, version, finding, options: new Map<string, string>() };
  return judgeOnLinux(object, only, question).stops.map(({ what }) => what);
}

function need(kind: string, name: string) {
  return { kind, name, weak: false, line: null };
}

function map(type: string, flags: number, sizes: object = {}) {
  return {
    name: 'm',
    type,
    keySize: 4,
    valueSize: 8,
    maxEntries: 1,
    flags,
    timer: false,
    lock: false,
    innerMap: null,
    ...sizes,
  };
}

test('a part of a pointer of __sk_buff is read nowhere', () => {
  for (const version of table.series) {
    expect(stopsOn(version, { type: 'sched_cls', access: 'read 2 at 76' })).toEqual([
      'read of 2 bytes at 76 of the context',
    ]);
    expect(stopsOn(version, { type: 'sched_cls', access: 'read 4 at 76' })).toEqual([]);
  }
});

test('a field that came later says since when', () => {
  const asked = { type: 'sched_cls', access: 'read 8 at 184' };
  expect(stopsOn('5.10', asked)).toEqual(['field hwtstamp of __sk_buff']);
  expect(stopsOn('6.1', asked)).toEqual([]);
});

test('bytes that no kind of program has', () => {
  expect(stopsOn('7.3', { type: 'xdp', access: 'read 4 at 20' })).toHaveLength(1);
  const inDevmap = { type: 'xdp', attachType: 'xdp_devmap', access: 'read 4 at 20' };
  expect(stopsOn('7.3', inDevmap)).toEqual([]);
  expect(stopsOn('7.3', { type: 'kprobe', access: 'read 8 at -8' })).toHaveLength(1);
});

test('writes are held against the table of their own', () => {
  expect(stopsOn('6.12', { type: 'sched_cls', access: 'write 4 at 8' })).toEqual([]);
  expect(stopsOn('6.12', { type: 'sched_cls', access: 'write 2 at 8' })).toHaveLength(1);
  const constant = { type: 'sched_cls', access: 'write 4 at 8 of a constant' };
  expect(stopsOn('6.1', constant)).toHaveLength(1);
  expect(stopsOn('6.12', constant)).toEqual([]);
});

test("the head of a tracepoint's record is the kernel's own", () => {
  expect(stopsOn('6.12', { type: 'tracepoint', access: 'read 4 at 4' })).toHaveLength(1);
  expect(stopsOn('6.12', { type: 'tracepoint', access: 'read 4 at 8' })).toEqual([]);
  expect(stopsOn('6.12', { type: 'tracepoint', access: 'write 8 at 8' })).toHaveLength(1);
});

test('flags are those of a type', () => {
  const using = { type: 'xdp', needs: [need('map', 'm')] };
  const ring = map('ringbuf', 1 << 19, { keySize: 0, valueSize: 0, maxEntries: 4096 });
  expect(stopsOn('6.18', { ...using, maps: [ring] })).toEqual([
    'map flag BPF_F_RB_OVERWRITE for ringbuf',
  ]);
  expect(stopsOn('6.19', { ...using, maps: [ring] })).toEqual([]);
  expect(stopsOn('6.19', { ...using, maps: [map('hash', 1 << 10)] })).toEqual([
    'map flag BPF_F_MMAPABLE for hash',
  ]);
  expect(stopsOn('6.19', { ...using, maps: [map('hash', 1)] })).toEqual([]);
  expect(stopsOn('6.19', { ...using, maps: [map('lpm_trie', 0)] })).toEqual([
    'lpm_trie without map flag BPF_F_NO_PREALLOC',
  ]);
});

test('faults of arguments are judged by version', () => {
  const tracing = { type: 'tracing', attachType: 'trace_fentry', attachTo: 'vfs_read' };
  const fault = (kind: Finding['faults'][number]['kind']) => ({
    ...tracing,
    faults: [{ need: null, what: 'argument 2 of kernel function f', kind }],
  });
  expect(stopsOn('7.3', fault('absent'))).toEqual(['argument 2 of kernel function f']);
  expect(stopsOn('5.10', fault('number'))).toHaveLength(1);
  expect(stopsOn('6.1', fault('number'))).toEqual([]);
  expect(stopsOn('6.1', fault('narrow'))).toEqual([]);
  expect(stopsOn('6.12', fault('narrow'))).toHaveLength(1);
  expect(stopsOn('5.10', fault('value'))).toHaveLength(1);
  expect(stopsOn('6.1', fault('value'))).toEqual([]);
});

test('bpf_d_path at LSM hooks', () => {
  const call = { type: 'lsm', attachType: 'lsm_mac', needs: [need('helper', 'bpf_d_path')] };
  const at = (attachTo: string) => ({ ...call, attachTo });
  expect(stopsOn('5.10', at('file_open'))).toEqual(['helper bpf_d_path at LSM hook file_open']);
  expect(stopsOn('6.1', at('file_open'))).toEqual([]);
  expect(stopsOn('6.1', at('file_fcntl'))).toEqual(['helper bpf_d_path at LSM hook file_fcntl']);
});
