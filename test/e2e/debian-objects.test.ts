import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { createInspector } from '../../harness/agent/inspect-object.ts';
import { findPackage } from '../../harness/commands/find-package.ts';
import { type FoundObject, findBpfObjects } from '../../harness/fixtures/embedded-objects.ts';
import { type Report, type ReportedProgram, runFixtures } from '../../harness/index.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { listPackages, unpackPackage } from '../support/debian-package.ts';

const TARGETS = ['linux@5.10', 'linux@6.1', 'linux@6.12', 'linux@6.18', 'linux@7'];
/** xdp-tools has its objects within its programs. */
const PACKAGES = ['xdp-tools', 'golang-github-cilium-ebpf-dev'];

/** Objects that make no fixture, with what the loader says; all are test data of cilium/ebpf. */
const NOT_FIXTURES = {
  // A map's definition that holds a value.
  'invalid_btf_map_init-eb.elf': 'initializing BTF map definitions: not supported',
  'invalid_btf_map_init-el.elf': 'initializing BTF map definitions: not supported',
  // A map that is `static`, for which clang emits no symbol.
  'invalid_map_static-eb.elf': 'possible erroneous static qualifier on map definition',
  'invalid_map_static-el.elf': 'possible erroneous static qualifier on map definition',
  // Symbols of maps without a size, as clang 7 wrote them; today's cilium/ebpf reads no further than that.
  'loader-clang-7-eb.elf': 'missing type',
  'loader-clang-7-el.elf': 'missing type',
  // Maps or types, and no program.
  'invalid_map-eb.elf': 'no programs',
  'invalid_map-el.elf': 'no programs',
  'iproute2_map_compat-eb.elf': 'no programs',
  'iproute2_map_compat-el.elf': 'no programs',
  'map_spin_lock-eb.elf': 'no programs',
  'map_spin_lock-el.elf': 'no programs',
  'relocs_read_tgt-eb.elf': 'no programs',
  'relocs_read_tgt-el.elf': 'no programs',
};

interface Candidate extends FoundObject {
  /** As the loader lists them; absent where it cannot read the object. */
  readonly programs: readonly string[];
  readonly error?: string;
}

const cache = cacheRoot(process.env);
let found: ReadonlyMap<string, readonly FoundObject[]>;
let candidates: readonly Candidate[];
let report: Report;

beforeAll(async () => {
  const listed = await listPackages(PACKAGES, cache);
  found = new Map(await Promise.all(PACKAGES.map(async name => objectsOf(name, listed))));
  candidates = await inspectAll(distinct([...found.values()].flat()));
  await using folder = await openTempFolder('e2e-objects');
  report = await run(candidates.filter(isFixture), folder.path);
});

/** Of the newest version that has objects: since 0.22.0+ds1 Debian takes cilium/ebpf's out. */
async function objectsOf(name: string, listed: Awaited<ReturnType<typeof listPackages>>) {
  for (const item of listed.filter(each => each.name === name)) {
    const objects = await findBpfObjects(await unpackPackage(item, cache));
    if (objects.length > 0) return [`${name} ${item.version}`, objects] as const;
  }
  throw new Error(`no version of ${name} has BPF objects`);
}

/** Each program of xdp-tools has the objects of libxdp within itself too. */
function distinct(objects: readonly FoundObject[]): FoundObject[] {
  const digest = ({ bytes }: FoundObject) => createHash('sha256').update(bytes).digest('hex');
  return [...Map.groupBy(objects, digest).values()].flatMap(same => same.slice(0, 1));
}

async function inspectAll(objects: readonly FoundObject[]): Promise<Candidate[]> {
  const { packageRoot } = findPackage(import.meta.dirname);
  const inspect = createInspector({ packageRoot, cacheRoot: cache });
  return Promise.all(
    objects.map(object =>
      inspect(object.bytes, object.name).then(
        ({ programs }) => ({ ...object, programs: programs.map(({ name }) => name) }),
        thrown => ({ ...object, programs: [], error: String(thrown.message) }),
      ),
    ),
  );
}

function isFixture({ programs }: Candidate): boolean {
  return programs.length > 0;
}

function fixtureId({ name }: FoundObject): string {
  return path
    .basename(name)
    .replace('#', '-')
    .replace(/\.elf$/, '');
}

async function run(objects: readonly Candidate[], folder: string): Promise<Report> {
  const config = path.join(folder, 'crossbpf.config.mjs');
  await writeFile(config, `export default { isolation: 'target' };`);
  const fixtures = objects.map(object => path.join(folder, `${fixtureId(object)}.o`));
  for (const [index, object] of objects.entries()) {
    await writeFile(fixtures[index] ?? '', object.bytes);
  }
  return runFixtures({ fixtures, targets: TARGETS, config });
}

/** What a target said of each program, by the names of object and program. */
function verdictsOf(target: string): Map<string, ReportedProgram> {
  return new Map(
    report.fixtures.flatMap(({ id, results }) =>
      Object.entries(results[target]?.programs ?? {}).map(
        ([name, program]) => [`${id} ${name}`, program] as const,
      ),
    ),
  );
}

test('all objects are fixtures, but for those that are known not to be', () => {
  const others = candidates.filter(candidate => !isFixture(candidate));
  const said = others.map(({ name, error }) => [path.basename(name), error ?? 'no programs']);
  const expected = Object.entries(NOT_FIXTURES).map(([name, reason]) => [
    name,
    expect.stringContaining(reason),
  ]);
  expect(Object.fromEntries(said)).toEqual(Object.fromEntries(expected));
});

describe.each(TARGETS)('%s', target => {
  test('gives a verdict on every program', () => {
    expect(report.targets.find(({ id }) => id === target)?.error).toBeUndefined();
    const statuses = report.fixtures.map(({ results }) => results[target]?.status);
    expect(new Set(statuses)).toEqual(new Set(['ran']));
    const listed = candidates.flatMap(each =>
      each.programs.map(name => `${fixtureId(each)} ${name}`),
    );
    expect([...verdictsOf(target).keys()].toSorted()).toEqual(listed.toSorted());
  });

  test('says in one line why it does not accept one', () => {
    for (const [name, { verdict, reason }] of verdictsOf(target)) {
      if (verdict === 'accept') expect(reason, name).toBeNull();
      else expect(reason, name).toMatch(/^\S.{4,300}\S$/);
      expect(reason, name).not.toBe('no reason was given');
    }
  });

  test('cannot load what is for the other byte order, and says so', () => {
    const big = candidates.filter(each => each.byteOrder === 'big' && isFixture(each));
    expect(big.length).toBeGreaterThan(10);
    const verdicts = verdictsOf(target);
    for (const { reason } of big.flatMap(each =>
      each.programs.flatMap(name => verdicts.get(`${fixtureId(each)} ${name}`) ?? []),
    )) {
      expect(reason).toMatch(/BigEndian|no program type for section|no program with function/);
    }
  });

  test('accepts a good part of them', () => {
    const verdicts = [...verdictsOf(target).values()].map(({ verdict }) => verdict);
    expect(verdicts.filter(verdict => verdict === 'accept').length).toBeGreaterThan(70);
  });
});

test('what there was', async ({ annotate }) => {
  const counts = [...found].map(([name, objects]) => `${name}: ${objects.length} objects`);
  const { fixtures, programs, accepted, rejected, unsupported } = report.summary;
  const distinctOnes = `${candidates.length} distinct, ${fixtures} with programs (${programs})`;
  const verdicts = `${accepted} accepted, ${rejected} rejected, ${unsupported} unsupported`;
  await annotate([...counts, distinctOnes, verdicts].join('; '));
  expect(accepted + rejected + unsupported).toBe(programs * TARGETS.length);
});
