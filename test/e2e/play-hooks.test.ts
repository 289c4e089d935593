import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type {
  AttachTarget,
  StepReply,
  TriggerEvent,
  WireStep,
} from '../../harness/agent/play-messages.ts';
import { SharedGuests } from '../support/shared-guests.ts';
import { compileProgram, type Performance, perform } from '../support/stage.ts';

/** The oldest kernel, the one before tcx and netfilter links, and two that have all. */
const SERIES = ['5.10', '6.1', '6.12', '7.3'] as const;
type Series = (typeof SERIES)[number];

const FOLDER = path.join(import.meta.dirname, 'play');
const OPEN: TriggerEvent = { what: 'open', path: '/proc/version', maxBytes: 20 };
const EXEC: TriggerEvent = { what: 'exec', file: null, arguments: [] };
const UDP: TriggerEvent = { what: 'udp', via: 'veth', port: 53, payload: '6869', count: 3 };
const UDP_OUT: TriggerEvent = { ...UDP, direction: 'out' };
const TCP_OUT: TriggerEvent = {
  ...{ what: 'tcp', via: 'veth', direction: 'out', port: 80, payload: '6869' },
};
const SLEEP: TriggerEvent = { what: 'sleep', milliseconds: 200 };
/** Where a number depends on the kernel, or on time. */
const SOME = 'some';

interface Hook {
  /** The entry of `hits` that the program counts in: its place in the C source's `enum hook`. */
  readonly program: string;
  readonly target?: AttachTarget;
  readonly trigger: TriggerEvent;
  readonly hits: number | typeof SOME;
  /** The first of the series that has it; the older ones must say that they have it not. */
  readonly since?: Series;
}

const HOOKS: Readonly<Record<string, Hook>> = {
  KPROBE: { program: 'on_kprobe', trigger: OPEN, hits: 1 },
  KRETPROBE: { program: 'on_kretprobe', trigger: OPEN, hits: 1 },
  KSYSCALL: { program: 'on_ksyscall', trigger: OPEN, hits: 1 },
  KPROBE_MULTI: { program: 'on_kprobe_multi', trigger: OPEN, hits: 1, since: '6.12' },
  TRACEPOINT: { program: 'on_tracepoint', trigger: OPEN, hits: 1 },
  RAW_TP: { program: 'on_raw_tp', trigger: OPEN, hits: 1 },
  TP_BTF: { program: 'on_tp_btf', trigger: EXEC, hits: 1 },
  FENTRY: { program: 'on_fentry', trigger: OPEN, hits: 1 },
  FEXIT: { program: 'on_fexit', trigger: OPEN, hits: 1 },
  LSM: { program: 'on_lsm', trigger: OPEN, hits: 1 },
  UPROBE: {
    ...{ program: 'on_uprobe', trigger: EXEC, hits: 1 },
    target: { at: 'uprobe', symbol: 'crossbpf_trigger' },
  },
  URETPROBE: { program: 'on_uretprobe', trigger: EXEC, hits: 1 },
  PERF_EVENT: {
    ...{ program: 'on_perf_event', trigger: SLEEP, hits: SOME },
    target: { at: 'perf-event', hertz: 100 },
  },
  XDP: { program: 'on_xdp', trigger: UDP, hits: 3 },
  TC_INGRESS: { program: 'on_tc', trigger: UDP, hits: 3 },
  TC_EGRESS: { program: 'on_tc_egress', trigger: UDP_OUT, hits: 3 },
  TCX: { program: 'on_tcx', trigger: UDP, hits: 3 },
  CGROUP_INGRESS: { program: 'on_cgroup_ingress', trigger: UDP, hits: 3 },
  CGROUP_EGRESS: { program: 'on_cgroup_egress', trigger: UDP_OUT, hits: 3 },
  CONNECT4: { program: 'on_connect4', trigger: TCP_OUT, hits: 1 },
  SENDMSG4: { program: 'on_sendmsg4', trigger: UDP_OUT, hits: 3 },
  SOCK_CREATE: { program: 'on_sock_create', trigger: UDP, hits: 1 },
  SYSCTL: {
    ...{ program: 'on_sysctl', hits: SOME },
    trigger: { ...OPEN, path: '/proc/sys/kernel/ostype' },
  },
  DEVICE: { program: 'on_device', trigger: { what: 'open', path: '/dev/null' }, hits: 1 },
  SETSOCKOPT: { program: 'on_setsockopt', trigger: UDP, hits: 1 },
  SOCKOPS: { program: 'on_sockops', trigger: TCP_OUT, hits: 1 },
  SOCKET: { program: 'on_socket', trigger: UDP, hits: 3 },
  SK_LOOKUP: { program: 'on_sk_lookup', trigger: UDP, hits: 3 },
  NETFILTER: { program: 'on_netfilter', trigger: UDP, hits: 3, since: '6.12' },
};

/** Programs that decide: what comes of their trigger when they refuse. */
const REFUSALS: Readonly<Record<string, Partial<StepReply>>> = {
  LSM: { ok: false, errno: 'EPERM', message: 'open /proc/version: operation not permitted' },
  XDP: { ok: true, received: 0 },
  TC_INGRESS: { ok: true, received: 0 },
  CGROUP_INGRESS: { ok: true, received: 0 },
  CGROUP_EGRESS: { ok: false, errno: 'EPERM', received: 0 },
  CONNECT4: { ok: false, errno: 'EPERM' },
  SENDMSG4: { ok: false, errno: 'EPERM', received: 0 },
  SOCK_CREATE: { ok: false, errno: 'EPERM' },
  SYSCTL: { ok: false, errno: 'EPERM' },
  DEVICE: { ok: false, errno: 'EPERM' },
  SOCKET: { ok: true, received: 0 },
  SK_LOOKUP: { ok: true, received: 0 },
  NETFILTER: { ok: true, received: 0 },
};

const guests = new SharedGuests(SERIES);
let hooks: Buffer;
let structOps: Buffer;
let names: readonly string[];

beforeAll(async () => {
  hooks = await compileProgram(path.join(FOLDER, 'hooks.bpf.c'));
  structOps = await compileProgram(path.join(FOLDER, 'struct-ops.bpf.c'));
  const source = await readFile(path.join(FOLDER, 'hooks.bpf.c'), 'utf8');
  names =
    /enum hook \{([^}]*)\}/
      .exec(source)?.[1]
      ?.split(',')
      .map(name => name.trim()) ?? [];
});

afterAll(() => guests[Symbol.asyncDispose]());

/** Attaches, triggers, detaches, and triggers again. */
async function playHook(series: Series, hook: Hook, denies = false): Promise<Performance> {
  return perform(await guests.of(series), {
    ...{ object: hooks, programs: [hook.program], dumps: ['.bss'] },
    variables: denies ? [{ section: '.bss', offset: 0, bytes: '01' }] : [],
    steps: [
      { kind: 'attach', program: hook.program, as: 'it', target: hook.target ?? null },
      { kind: 'trigger', event: hook.trigger },
      { kind: 'detach', as: 'it' },
      { kind: 'trigger', event: hook.trigger },
    ],
  });
}

function hitsOf({ dumps }: Performance, name: string): number {
  const value = Buffer.from(dumps['.bss']?.entries[0]?.values[0] ?? '', 'hex');
  return value.readUInt32LE(4 + 4 * names.indexOf(name));
}

describe.each(SERIES)('Linux %s', series => {
  const isThere = ({ since }: Hook) =>
    since === undefined || SERIES.indexOf(series) >= SERIES.indexOf(since);

  test.for(Object.entries(HOOKS))('a program sees what happens: %s', async ([name, hook]) => {
    const played = await playHook(series, hook);
    if (!isThere(hook)) {
      const said = [played.failure, played.steps[0]?.message].join(' ');
      expect(said).toMatch(/not supported|invalid argument/);
      return;
    }
    expect(played.failure).toBe('');
    expect(played.steps.filter(({ ok }) => !ok)).toEqual([]);
    if (hook.hits === SOME) expect(hitsOf(played, name)).toBeGreaterThan(0);
    else expect(hitsOf(played, name)).toBe(hook.hits);
  });

  test.for(Object.entries(REFUSALS))('a program refuses: %s', async ([name, refused]) => {
    const hook = HOOKS[name];
    if (hook === undefined) throw new Error(`no hook ${name}`);
    if (!isThere(hook)) return;
    const { steps } = await playHook(series, hook, true);
    expect(steps[1]).toMatchObject(refused);
    expect(steps[3]).toMatchObject({ ok: true });
  });

  test('a flow dissector sees what is dissected', async () => {
    const played = await perform(await guests.of(series), {
      ...{ object: hooks, programs: ['on_flow_dissector', 'on_hash'], dumps: ['.bss'] },
      steps: [
        attach('on_flow_dissector'),
        attach('on_hash'),
        { kind: 'trigger', event: UDP },
        { kind: 'detach', as: 'on_flow_dissector' },
        { kind: 'trigger', event: UDP },
      ],
    });
    expect(played.steps.filter(({ ok }) => !ok)).toEqual([]);
    expect(hitsOf(played, 'FLOW_DISSECTOR')).toBe(3);
  });

  test('programs see the stage and its children by their names, on the loopback too', async () => {
    const played = await perform(await guests.of(series), {
      ...{ object: hooks, programs: ['on_exec', 'on_xdp'], dumps: ['.bss'] },
      steps: [
        attach('on_exec'),
        attach('on_xdp', { at: 'interface', interface: 'lo' }),
        { kind: 'trigger', event: EXEC },
        { kind: 'trigger', event: { ...UDP, via: 'lo' } },
      ],
    });
    expect(played.steps.filter(({ ok }) => !ok)).toEqual([]);
    expect([hitsOf(played, 'EXECUTED'), hitsOf(played, 'XDP')]).toEqual([1, 3]);
  });

  test('an iterator gives text about a map', async () => {
    const { steps } = await perform(await guests.of(series), {
      ...{ object: hooks, programs: ['on_iterator'] },
      steps: [
        { kind: 'update', map: 'listed', key: '01000000', values: ['07000000'] },
        attach('on_iterator', { at: 'map', map: 'listed' }),
        { kind: 'text', as: 'on_iterator', maxBytes: 1000 },
        { kind: 'text', as: 'on_iterator', maxBytes: 5 },
        { kind: 'text', as: 'another', maxBytes: 5 },
      ],
    });
    expect(steps[1]).toMatchObject({ ok: true });
    expect(steps[2]).toMatchObject({ ok: true, text: '0 is 0\n1 is 7\n', truncated: false });
    expect(steps[3]).toMatchObject({ ok: true, text: '0 is ', truncated: true });
    expect(steps[4]).toMatchObject({ ok: false, message: 'there is no iterator "another"' });
  });

  test('a congestion control is there while its operations are attached', async () => {
    const { steps, dumps, failure } = await perform(await guests.of(series), {
      ...{ object: structOps, dumps: ['.bss'] },
      steps: [
        attach('calm'),
        { kind: 'trigger', event: { ...TCP_OUT, congestion: 'bpf_calm' } },
        { kind: 'detach', as: 'calm' },
        { kind: 'trigger', event: { ...TCP_OUT, congestion: 'bpf_calm' } },
      ],
    });
    expect(failure).toBe('');
    expect(steps.map(({ ok, errno }) => errno ?? ok)).toEqual([true, true, true, 'ENOENT']);
    // Both sides of the connection have it.
    expect(dumps['.bss']?.entries[0]?.values).toEqual(['02000000']);
  });

  test('a program is attached to a map of sockets', async () => {
    const { steps } = await perform(await guests.of(series), {
      ...{ object: hooks, programs: ['on_sk_msg'] },
      steps: [attach('on_sk_msg', { at: 'map', map: 'sockets' }), attach('on_sk_msg')],
    });
    expect(steps[0]).toMatchObject({ ok: true });
    expect(steps[1]).toMatchObject({ ok: false });
  });

  test('what cannot be attached says why', async () => {
    const { steps } = await perform(await guests.of(series), {
      ...{ object: hooks, programs: ['on_kprobe', 'on_uprobe', 'on_tracepoint', 'on_xdp'] },
      steps: [
        attach('on_kprobe', { at: 'kprobe', symbol: 'no_such_function' }),
        attach('on_tracepoint', { at: 'tracepoint', group: 'sched', name: 'no_such_event' }),
        attach('on_uprobe'),
        attach('on_uprobe', { at: 'uprobe', symbol: 'main' }),
        attach('on_kprobe', { at: 'cgroup' }),
        attach('on_lsm'),
        attach('on_xdp', { at: 'interface', interface: 'veth', direction: 'egress' }),
        { kind: 'detach', as: 'nothing' },
      ],
    });
    expect(steps.map(({ ok }) => ok)).toEqual(steps.map(() => false));
    expect(steps.map(({ errno, message }) => `${errno}: ${message}`)).toEqual([
      'ENOENT: attach on_kprobe: the kernel has no function no_such_function that can be probed: no such file or directory',
      'ENOENT: attach on_tracepoint: the kernel has no tracepoint sched/no_such_event: no such file or directory',
      'null: attach on_uprobe: the section "uprobe" does not say what to attach to: the step must',
      'ENOENT: attach on_uprobe: crossbpf-child has no function main: no such file or directory',
      'null: attach on_kprobe: a program of type kprobe cannot be attached to a cgroup',
      'null: attach on_lsm: the scenario has not loaded a program "on_lsm"',
      'null: attach on_xdp: XDP sees only packets that come in',
      'null: there is no attachment "nothing"',
    ]);
  });
});

function attach(program: string, target: AttachTarget | null = null): WireStep {
  return { kind: 'attach', program, as: program, target };
}
