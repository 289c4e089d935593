import { expect, test } from 'vitest';
import { CrossbpfError } from '../../harness/crossbpf-error.ts';
import type { Fixture } from '../../harness/fixtures/fixture.ts';
import { mergeBlobs } from '../../harness/merge/merge-blobs.ts';
import type { NamedBlob } from '../../harness/merge/read-blobs.ts';
import { answered, blobOf, reportOf } from '../support/blob-builder.ts';
import { accepted, fixture, ran, rejected } from '../support/fixture-builder.ts';
import { contents, played, scenarioFixture, step, variables } from '../support/scenario-fixture.ts';

const VERSION = '1.0.0';

function merge(...blobs: readonly NamedBlob[]) {
  return mergeBlobs(blobs, VERSION).report;
}

/** Why blobs cannot be merged, with the hint. */
function refusal(...blobs: readonly NamedBlob[]): string {
  try {
    merge(...blobs);
  } catch (thrown) {
    if (thrown instanceof CrossbpfError && thrown.code === 'USAGE_MERGE') return thrown.summary;
    throw thrown;
  }
  return 'merged';
}

/** Every kind of declaration that the comparison reads, with patterns, big numbers and gaps. */
const DECLARING = scenarioFixture(
  {
    maps: { counts: [{ key: 53, value: 7 }] },
    steps: [
      { run: 'count', data: '0x00', name: 'first', expect: { retval: 'XDP_PASS' } },
      { read: 'events' },
      { lookup: 'counts', key: 1, expect: [{ on: 'linux <6', errno: 'ENOENT' }] },
      { read: 'counts', expect: { value: { contains: [{ key: 53 }] } } },
    ],
    expect: [
      { program: 'late', on: 'linux <6', verdict: 'reject', reason: /unknown (func|opcode)/i },
      { program: 'count', insns: { atMost: 500 } },
      {
        maps: {
          counts: [{ key: 53, value: 8 }],
          config: { contains: [{ key: 0, value: { name: /eth\d/ } }] },
        },
      },
      { variables: { hits: { atLeast: 1 } } },
    ],
    compare: {
      insns: '±20%',
      maps: { seen: { ignore: 'keys', because: 'keys are pids' } },
    },
  },
  [{ program: 'late', verdict: 'reject', range: 'linux <6', line: 4 }],
);

const CONFIG = { limit: 3, name: 'eth0' };
const STEPS = [
  step('first', { retval: 2, retvalName: 'XDP_PASS' }),
  step('read events', { kind: 'read', subject: 'events', value: [] }),
  step('lookup counts', { kind: 'lookup', subject: 'counts', value: 5 }),
  step('read counts', { kind: 'read', subject: 'counts', value: [{ key: 53, value: 8 }] }),
];

const OLD = played({
  programs: { count: accepted(10), late: rejected('unknown func bpf_loop#181') },
  steps: STEPS.with(
    2,
    step('lookup counts', { status: 'failed', errno: 'ENOENT', message: 'none' }),
  ),
  maps: {
    counts: contents({ 53: 8 }),
    config: contents({ 0: CONFIG }),
    '.bss': variables({ hits: 1 }),
  },
});
/** Another value, a return value that is not as declared, and a key more. */
const NEW = played({
  programs: { count: accepted(14), late: accepted() },
  steps: STEPS.with(0, step('first', { retval: 1, retvalName: 'XDP_DROP' })),
  maps: {
    ...{
      counts: contents({ 53: 9 }),
      config: contents({ 0: CONFIG }),
      '.bss': variables({ hits: 0 }),
    },
    seen: contents({ 7: 1 }),
  },
});

const old = answered('linux@5.10', '5.10.262', { counters: OLD });
const recent = answered('linux@6.12', '6.12.117', { counters: NEW });

test('two blobs merged equal one run of both', () => {
  const fixtures = [DECLARING];
  const one = reportOf({ fixtures, targets: [old, recent] });
  expect(one.divergences.length).toBeGreaterThan(3);
  expect(one.failedExpectations.length).toBeGreaterThan(2);
  const blobs = [old, recent].map((target, index) =>
    blobOf(`${index}.json`, { fixtures, targets: [target] }),
  );
  expect(merge(...blobs)).toEqual(one);
  expect(merge(...blobs.toReversed())).toEqual(one);
});

test('what was merged can be merged again', () => {
  const fixtures = [DECLARING];
  const third = answered('linux@7', '7.3.4', { counters: NEW });
  const [a, b, c] = [old, recent, third].map((target, index) =>
    blobOf(`${index}.json`, { fixtures, targets: [target] }),
  ) as [NamedBlob, NamedBlob, NamedBlob];
  const merged = mergeBlobs([a, b], VERSION);
  const again = blobOf('merged.json', {
    fixtures: merged.fixtures,
    targets: [old, recent],
  });
  expect(merge(again, c)).toEqual(reportOf({ fixtures, targets: [old, recent, third] }));
});

/** The same source for both platforms, as a run on each has it. */
function onBoth(): { readonly linux: Fixture; readonly windows: Fixture } {
  const linux = fixture('pass', ['pass']);
  const inspected = { ...linux.inspected, platform: 'windows' } as const;
  return { linux, windows: { ...linux, inspected, sha256: '1'.repeat(64) } };
}

test('Linux and Windows are compared, each with its own object', () => {
  const { linux, windows } = onBoth();
  const there = answered('windows@1.5', '1.5.0', { pass: ran({ pass: rejected('Upper bound') }) });
  const here = answered('linux@6.12', '6.12.117', { pass: ran({ pass: accepted() }) });
  const report = merge(
    blobOf('windows.json', { fixtures: [windows], targets: [there] }),
    blobOf('linux.json', { fixtures: [linux], targets: [here] }),
  );
  expect(report.targets.map(({ id }) => id)).toEqual(['linux@6.12', 'windows@1.5']);
  expect(report.divergences).toMatchObject([
    {
      subject: 'pass',
      field: 'verdict',
      expected: false,
      values: { 'linux@6.12': 'accept', 'windows@1.5': 'reject' },
    },
  ]);
  expect(report.fixtures[0]?.sha256).toBe(linux.sha256);
});

test('a fixture that is not for Windows has its reason there', () => {
  const linux = fixture('lsm', ['deny']);
  const reason = 'eBPF for Windows has no LSM';
  const windows = { ...linux, inspected: { ...linux.inspected, programs: [] } };
  const elsewhere = { windows: { kind: 'unsupported', reason } } as const;
  const said = { status: 'unsupported', durationMs: 0, programs: {}, reason } as const;
  const report = merge(
    blobOf('windows.json', {
      fixtures: [{ ...windows, elsewhere }],
      targets: [answered('windows@1.5', '1.5.0', { lsm: said })],
    }),
    blobOf('linux.json', {
      fixtures: [linux],
      targets: [answered('linux@6.12', '6.12.117', { lsm: ran({ deny: accepted() }) })],
    }),
  );
  expect(report.summary).toMatchObject({
    programs: 1,
    accepted: 1,
    infrastructure: 0,
    unexpected: 0,
  });
  expect(report.fixtures[0]?.results['windows@1.5']).toMatchObject({
    status: 'unsupported',
    reason,
  });
});

test('parts of one run, divided by fixtures', () => {
  const [a, b] = [fixture('a', ['pass']), fixture('b', ['pass'])];
  const said = ran({ pass: accepted() });
  const part = (each: Fixture) => ({
    fixtures: [each],
    targets: [answered('linux@6.12', '6.12.117', { [each.id]: said })],
  });
  const whole = answered('linux@6.12', '6.12.117', { a: said, b: said });
  const merged = merge(blobOf('1.json', part(a)), blobOf('2.json', part(b)));
  expect(merged).toEqual(reportOf({ fixtures: [a, b], targets: [whole] }));
});

test('machines that are called the same are told apart by labels', () => {
  const fixtures = [fixture('a', ['pass'])];
  const said = { a: ran({ pass: accepted() }) };
  const [one, other] = ['6.8.0', '6.14.0'].map(upstream => answered('linux-host', upstream, said));
  const run = (target = one, label?: string) => ({
    ...{ fixtures, targets: target === undefined ? [] : [target] },
    ...(label !== undefined && { label }),
  });
  const report = merge(
    blobOf('1.json', run(one, 'ubuntu-22.04')),
    blobOf('2.json', run(other, 'ubuntu-24.04')),
  );
  expect(report.targets.map(({ id }) => id)).toEqual([
    ...['linux-host (ubuntu-22.04)', 'linux-host (ubuntu-24.04)'],
  ]);
  expect(refusal(blobOf('1.json', run(one)), blobOf('2.json', run(other)))).toMatch(
    /^linux-host is in 1\.json and in 2\.json\. .*--label/,
  );
});

test('what does not belong together is refused', () => {
  const said = { a: ran({ pass: accepted() }) };
  const blob = (file: string, target: string, changes: Partial<Fixture> = {}) =>
    blobOf(file, {
      fixtures: [{ ...fixture('a', ['pass']), ...changes }],
      targets: [answered(target, '6.12.117', said)],
    });
  const first = blob('1.json', 'linux@6.1');
  expect(refusal(first, blob('2.json', 'linux@6.1'))).toMatch(/^linux@6\.1 is in 1\.json and in 2/);
  expect(refusal(first, blob('2.json', 'linux@7', { digest: 'e'.repeat(64) }))).toBe(
    'a is not the same in 1.json and in 2.json: its source or its scenario differs. Run all machines on the same commit.',
  );
  const compiler = { version: 'Ubuntu clang version 18.1.3', flags: [] };
  const other = blob('2.json', 'linux@7', { sha256: '1'.repeat(64), compiler });
  expect(refusal(first, other)).toMatch(
    /^a is another object for linux in 1\.json \(as it came\) than in 2\.json \(Ubuntu clang version 18\.1\.3\)\. Compile it in the same way/,
  );
  const another = blobOf('2.json', {
    fixtures: [fixture('b', ['pass'])],
    targets: [answered('linux@6.1', '6.1.200', { b: ran({ pass: accepted() }) })],
  });
  expect(refusal(first, another)).toBe(
    'linux@6.1 is not the same in 1.json and in 2.json: 6.12.117-cloud, 6.1.200-cloud. Pin it: crossbpf kernels lock.',
  );
});

test('an object that came as it is may be another one for each platform', () => {
  const { linux, windows } = onBoth();
  const [here, there] = [linux, windows].map((each): Fixture => ({ ...each, kind: 'object' }));
  const said = { pass: ran({ pass: accepted() }) };
  const report = merge(
    blobOf('1.json', {
      fixtures: [here as Fixture],
      targets: [answered('linux@6.1', '6.1.2', said)],
    }),
    blobOf('2.json', {
      fixtures: [{ ...(there as Fixture), digest: '2'.repeat(64) }],
      targets: [answered('windows@1.5', '1.5.0', said)],
    }),
  );
  expect(report.summary).toMatchObject({ accepted: 2, unexpected: 0 });
});
