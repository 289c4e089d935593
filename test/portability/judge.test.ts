import { expect, test } from 'vitest';
import { judgeOnLinux } from '../../harness/portability/judge-linux.ts';
import { judgeOnWindows } from '../../harness/portability/judge-windows.ts';
import { loadTables } from '../../harness/portability/load-tables.ts';
import {
  type Finding,
  type NeededProgram,
  type ObjectNeeds,
  objectNeeds,
} from '../../harness/portability/needs.ts';

const tables = await loadTables();
const LINE = { file: 'prog.bpf.c', number: 7, text: 'bpf_loop(3, step, NULL, 0);' };

function need(kind: string, name: string, more: object = {}) {
  return { kind, name, weak: false, line: LINE, ...more };
}

/** An object of one program. */
function objectWith(program: Partial<NeededProgram>, maps: object[] = []): ObjectNeeds {
  const base = { name: 'prog', section: 'xdp', type: 'xdp', attachType: 'xdp', attachTo: '' };
  const rest = { sleepable: false, frags: false, insns: 4, needs: [], unreached: [], kernels: {} };
  return objectNeeds.parse({
    ...{ object: 'prog.o', error: null, byteOrder: 'little', maps },
    programs: [{ ...base, ...rest, ...program }],
  });
}

function map(type: string, more: object = {}) {
  const sizes = {
    keySize: 4,
    valueSize: 8,
    maxEntries: 1,
    flags: 0,
    timer: false,
    lock: false,
    innerMap: null,
  };
  return { name: 'm', type, ...sizes, ...more };
}

const FOUND: Finding = {
  absent: [],
  different: [],
  unreached: [],
  faults: [],
  target: null,
  result: null,
};

function onLinux(object: ObjectNeeds, version: string, finding: Finding | undefined = FOUND) {
  const [program] = object.programs as [NeededProgram];
  return judgeOnLinux(object, program, {
    table: tables.linux,
    version,
    finding,
    options: new Map(),
  });
}

function onWindows(object: ObjectNeeds, version: string) {
  const [program] = object.programs as [NeededProgram];
  return judgeOnWindows(object, program, { table: tables.windows, version });
}

test('a helper: what stops, on which line, since when, and what instead', () => {
  const object = objectWith({ needs: [need('helper', 'bpf_loop')] } as Partial<NeededProgram>);
  expect(onLinux(object, '6.1')).toMatchObject({ outcome: 'loads', stops: [] });
  expect(onLinux(object, '5.10')).toMatchObject({
    outcome: 'stops',
    stops: [
      {
        ...{ what: 'helper bpf_loop', line: LINE, since: 'Linux 5.17' },
        instead: expect.stringContaining('bounded'),
      },
    ],
  });
});

test('a helper that other kinds of programs have', () => {
  const object = objectWith({
    needs: [need('helper', 'bpf_get_current_pid_tgid')],
  } as Partial<NeededProgram>);
  expect(onLinux(object, '6.1').stops[0]?.what).toBe('helper bpf_get_current_pid_tgid for xdp');
  expect(onLinux(object, '7.3').outcome).toBe('loads');
});

test('what constants keep out is not needed', () => {
  const needs = [need('helper', 'bpf_loop')];
  const object = objectWith({ needs, unreached: [0] } as Partial<NeededProgram>);
  expect(onLinux(object, '5.10', { ...FOUND, unreached: [0] }).outcome).toBe('loads');
});

test('a field that a kernel does not have, guarded or not, and types that are not at hand', () => {
  const needs = [need('core', 'field task_struct.state')];
  const object = objectWith({ needs } as Partial<NeededProgram>);
  expect(onLinux(object, '6.1', { ...FOUND, absent: [0] }).stops).toMatchObject([
    { what: 'field task_struct.state', line: LINE, instead: expect.stringContaining('exists') },
  ]);
  expect(onLinux(object, '6.1', { ...FOUND, unreached: [0] }).outcome).toBe('loads');
  const [program] = object.programs as [NeededProgram];
  const unknown = judgeOnLinux(object, program, {
    ...{ table: tables.linux, version: '6.1', finding: undefined, options: undefined },
  });
  expect(unknown).toMatchObject({
    outcome: 'unknown',
    unknown: [{ what: 'field task_struct.state', why: expect.stringContaining('not at hand') }],
  });
});

test('a kernel function that is not there', () => {
  const object = objectWith({
    ...{ type: 'tracing', attachType: 'trace_fentry', attachTo: 'tcp_foo' },
  });
  const finding = { ...FOUND, target: 'kernel function tcp_foo' };
  expect(onLinux(object, '7.3', finding).stops[0]?.what).toBe('kernel function tcp_foo');
});

test('a program that loads and cannot be attached', () => {
  const object = objectWith({ type: 'sched_cls', attachType: 'tcx_ingress' });
  expect(onLinux(object, '6.1')).toMatchObject({
    outcome: 'loads',
    stops: [{ what: 'attach type tcx_ingress', since: 'Linux 6.6', late: true }],
  });
});

test('maps: their type, and sizes that the object leaves open', () => {
  const needs = [need('map', 'm')];
  const arena = objectWith({ needs } as Partial<NeededProgram>, [
    map('arena', { keySize: 0, valueSize: 0, flags: 1 << 10 }),
  ]);
  expect(onLinux(arena, '6.1').stops[0]).toMatchObject({
    what: 'map type arena',
    since: 'Linux 6.9',
  });
  expect(onLinux(arena, '6.12').outcome).toBe('loads');
  const open = objectWith({ needs } as Partial<NeededProgram>, [map('hash', { valueSize: 0 })]);
  expect(onLinux(open, '6.12').stops[0]?.what).toBe('map m of type hash as declared');
  const stacks = objectWith({ needs } as Partial<NeededProgram>, [
    map('stack_trace', { valueSize: 0 }),
  ]);
  expect(onLinux(stacks, '6.12').outcome).toBe('loads');
});

test('a version that nobody probed is unknown, unless both neighbours agree', () => {
  const object = objectWith({ type: 'tracing', attachType: 'trace_fsession', attachTo: 'f' });
  expect(onLinux(object, '6.6').outcome).toBe('stops');
  expect(onLinux(object, '5.4').outcome).toBe('unknown');
});

test('what is taken must be given back', () => {
  const needs = [need('helper', 'bpf_ringbuf_reserve')];
  const leaking = objectWith({ needs } as Partial<NeededProgram>);
  expect(onLinux(leaking, '6.12').stops[0]?.what).toBe(
    'bpf_ringbuf_reserve without bpf_ringbuf_submit',
  );
  const kept = objectWith({
    needs: [...needs, need('helper', 'bpf_ringbuf_discard')],
  } as Partial<NeededProgram>);
  expect(onLinux(kept, '6.12').outcome).toBe('loads');
});

test('results that a kind of program may not return', () => {
  const bind = { type: 'cgroup_sock_addr', attachType: 'cgroup_inet4_connect' };
  const object = objectWith({ ...bind, needs: [need('return', '2')] } as Partial<NeededProgram>);
  expect(onLinux(object, '6.12').stops[0]?.what).toBe(
    '2 as the result of cgroup_sock_addr/cgroup_inet4_connect',
  );
});

test('Windows: what is not there, since when something is, and what behaves otherwise', () => {
  const needs = [
    ...[need('helper', 'bpf_probe_read_kernel'), need('helper', 'bpf_perf_event_output')],
    ...[need('instruction', 'may_goto'), need('map', 'm')],
  ];
  const object = objectWith({ needs } as Partial<NeededProgram>, [map('hash')]);
  const { stops, notes } = onWindows(object, '0.20.0');
  expect(stops.map(({ what, since }) => `${what}: ${since}`)).toEqual([
    'helper bpf_probe_read_kernel: not on Windows',
    'helper bpf_perf_event_output: eBPF for Windows 0.21.0',
    'instruction may_goto: not on Windows',
  ]);
  expect(stops.every(({ source }) => source !== null)).toBe(true);
  expect(notes.join('\n')).toMatch(/max_entries is only a bucket hint since v0.17.0/);
  expect(notes.join('\n')).toMatch(/XDP_PASS is 1, not 2/);
  expect(onWindows(object, '1.5.0').stops.map(({ what }) => what)).not.toContain(
    'helper bpf_perf_event_output',
  );
});

test.each(['kprobe', 'tracing', 'lsm', 'sched_cls'])('no %s on Windows', type => {
  expect(onWindows(objectWith({ type }), '1.5.0').stops[0]).toMatchObject({
    ...{ what: `program type ${type}`, since: 'not on Windows' },
  });
});
