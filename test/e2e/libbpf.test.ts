import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, test } from 'vitest';
import { createInspector } from '../../harness/agent/inspect-object.ts';
import { findPackage } from '../../harness/commands/find-package.ts';
import { configSchema } from '../../harness/config/config-schema.ts';
import { findFixtures } from '../../harness/fixtures/find-fixtures.ts';
import { readFixtures } from '../../harness/fixtures/read-fixtures.ts';
import { type Report, runFixtures } from '../../harness/index.ts';
import { resolveKernels } from '../../harness/kernels/resolve-kernels.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { GUEST_MODULES, KERNEL_WORDS } from '../../harness/targets/linux-vm.ts';
import { askLibbpf, buildLoader, type LibbpfAnswer } from './libbpf-loader/ask-libbpf.ts';

/**
 * Of many kinds: maps, loops, subprograms, global functions, callbacks, CO-RE, weak symbols, BTF hooks.
 *
 * Fixtures in which libbpf cannot agree are not among them, as it takes an object as a whole:
 * a kfunc without `__weak` or a map type that the kernel lacks fails all programs of the object (work-queue,
 * string-kfuncs, cgroup-storage), where cilium/ebpf fails those that use it. And Debian 12's libbpf 1.1 is
 * older than `SEC("tcx/…")`, `netkit/…`, `netfilter`, `kprobe.session` and `cgroup/…_unix`
 * (attach-points-of-tc, netfilter, kprobe-multi, cgroup-sockets) and than `.struct_ops.link` (struct-ops).
 */
const FIXTURES = [
  ...['atomics', 'bounded-loop', 'constant-key-lookup', 'context-fields', 'division'],
  ...['dynptr-ring-buffer', 'fentry', 'for-each-map-elem', 'global-function', 'infinite-loop'],
  ...['iterators', 'kprobe', 'lsm', 'map-in-map', 'null-check', 'nullable-tracepoint-argument'],
  ...['packet-bounds', 'paths-and-user-memory', 'per-cpu-map', 'readonly-data', 'ring-buffer'],
  ...['socket-filter', 'spin-lock', 'stack-bounds', 'stack-of-functions', 'tail-call'],
  ...['task-storage', 'tracepoint', 'uninitialised-stack', 'weak-kfunc'],
];

const TARGETS = [
  { id: 'linux@5.10', reference: { kind: 'series', series: '5.10' } },
  { id: 'linux@6.12', reference: { kind: 'series', series: '6.12' } },
  { id: 'linux@7', reference: { kind: 'major', major: 7 } },
] as const;

const cache = cacheRoot(process.env);
const root = fileURLToPath(new URL('../..', import.meta.url));

interface Answers {
  readonly report: Report;
  /** By target. */
  readonly libbpf: ReadonlyMap<string, readonly LibbpfAnswer[]>;
}

let answers: Answers;

beforeAll(async () => {
  await using folder = await openTempFolder('e2e-libbpf');
  const objects = await compileInto(folder.path);
  const config = path.join(folder.path, 'crossbpf.config.mjs');
  await writeFile(config, `export default { isolation: 'target' };`);
  const targets = TARGETS.map(({ id }) => id);
  const report = await runFixtures({ fixtures: objects, targets, config });
  answers = { report, libbpf: await askAll(objects, await buildLoader(folder.path)) };
});

/** Both loaders get the same object files. */
async function compileInto(folder: string): Promise<string[]> {
  const { packageRoot } = findPackage(import.meta.dirname);
  const patterns = FIXTURES.map(name => `fixtures/${name}.bpf.c`);
  const outcomes = await readFixtures(await findFixtures(patterns, root), {
    ...{ compiler: configSchema.parse({}).compiler, root, cacheRoot: cache },
    packageRoot,
    ...{ environment: process.env, inspect: createInspector({ packageRoot, cacheRoot: cache }) },
  });
  return Promise.all(
    outcomes.map(async outcome => {
      if (outcome.kind === 'failed') throw outcome.error;
      const file = path.join(folder, `${outcome.fixture.id}.o`);
      await writeFile(file, outcome.fixture.object);
      return file;
    }),
  );
}

async function askAll(objects: readonly string[], loader: string) {
  const kernels = await resolveKernels(
    TARGETS.map(({ reference }) => reference),
    { arch: 'amd64', modules: GUEST_MODULES, cacheRoot: cache, environment: process.env },
  );
  const asked = kernels.map(async (found, index) => {
    if (found.status === 'failed') throw found.error;
    const question = { loader, objects, kernelWords: KERNEL_WORDS, cacheRoot: cache };
    const id = TARGETS[index]?.id ?? '';
    return [id, await askLibbpf({ ...question, kernel: found.kernel })] as const;
  });
  return new Map(await Promise.all(asked));
}

/** What our report says of the program that libbpf was asked for. */
function ours(target: string, { object, program }: LibbpfAnswer) {
  const fixture = answers.report.fixtures.find(({ id }) => `${id}.o` === object);
  return fixture?.results[target]?.programs[program];
}

describe.each(TARGETS)('$id', ({ id }) => {
  test('libbpf was asked for every program that the report has', () => {
    const reported = answers.report.fixtures.flatMap(fixture =>
      Object.keys(fixture.results[id]?.programs ?? {}).map(name => `${fixture.id}.o ${name}`),
    );
    const asked = (answers.libbpf.get(id) ?? []).map(each => `${each.object} ${each.program}`);
    expect(asked.toSorted()).toEqual(reported.toSorted());
    expect(asked.length).toBeGreaterThan(50);
  });

  test('what the verifier was asked has the same error and the same insns', () => {
    const both = (answers.libbpf.get(id) ?? []).flatMap(theirs => {
      const own = ours(id, theirs);
      if (own === undefined || own.verdict === 'unsupported') return [];
      const { object, program } = theirs;
      const error = own.verdict === 'accept' ? null : own.errno;
      return [{ theirs, own: { object, program, error, insns: own.insns } }];
    });
    expect(both.map(({ own }) => own)).toEqual(both.map(({ theirs }) => theirs));
    expect(both.filter(({ own }) => own.error === null).length).toBeGreaterThan(20);
    expect(both.filter(({ own }) => own.error !== null).length).toBeGreaterThan(10);
  });

  test('what we call unsupported libbpf cannot load either', () => {
    const unsupported = (answers.libbpf.get(id) ?? []).filter(
      theirs => ours(id, theirs)?.verdict === 'unsupported',
    );
    for (const theirs of unsupported) {
      expect(theirs).toMatchObject({ error: expect.any(String), insns: null });
    }
  });
});
