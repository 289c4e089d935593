import path from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import type { Report, ReportedProgram } from '../../harness/index.ts';
import {
  DEBIAN_PACKAGES,
  DEBIAN_TARGETS,
  type DebianObject,
  findDebianObjects,
  runDebianObjects,
} from '../support/debian-objects.ts';

/** Whose objects that no loader reads are listed here. */
const LISTED = ['xdp-tools', 'golang-github-cilium-ebpf-dev'] as const;

/** Objects that make no fixture, with what the loader says; all are test data of cilium/ebpf. */
const NOT_FIXTURES = {
  // A map's definition that holds a value.
  'invalid_btf_map_init-eb.elf': 'initializing BTF map definitions: not supported',
  'invalid_btf_map_init-el.elf': 'initializing BTF map definitions: not supported',
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

let candidates: readonly DebianObject[];
let report: Report;

beforeAll(async () => {
  candidates = await findDebianObjects();
  report = await runDebianObjects(candidates);
});

function isFixture({ programs }: DebianObject): boolean {
  return programs.length > 0;
}

/** What a target said of each program, by the names of object and program. */
function verdictsOf(target: string): Map<string, ReportedProgram> {
  return new Map(
    report.fixtures.flatMap(({ id, results }) =>
      Object.entries(results[target]?.programs ?? {}).map(
        ([name, program]) => [`${path.basename(id)} ${name}`, program] as const,
      ),
    ),
  );
}

test('all objects are fixtures, but for those that are known not to be', () => {
  const listed = candidates.filter(({ packages }) => LISTED.some(name => packages.has(name)));
  const others = listed.filter(candidate => !isFixture(candidate));
  const said = others.map(({ name, error }) => [path.basename(name), error ?? 'no programs']);
  const expected = Object.entries(NOT_FIXTURES).map(([name, reason]) => [
    name,
    expect.stringContaining(reason),
  ]);
  expect(Object.fromEntries(said)).toEqual(Object.fromEntries(expected));
});

describe.each(DEBIAN_TARGETS)('%s', target => {
  test('gives a verdict on every program', () => {
    expect(report.targets.find(({ id }) => id === target)?.error).toBeUndefined();
    const statuses = report.fixtures.map(({ results }) => results[target]?.status);
    expect(new Set(statuses)).toEqual(new Set(['ran']));
    const listed = candidates.flatMap(each => each.programs.map(name => `${each.id} ${name}`));
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
      each.programs.flatMap(name => verdicts.get(`${each.id} ${name}`) ?? []),
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
  const counts = DEBIAN_PACKAGES.map(name => {
    const objects = candidates.filter(({ packages }) => packages.has(name));
    return `${name}: ${objects.length} objects`;
  });
  const { fixtures, programs, accepted, rejected, unsupported } = report.summary;
  const distinctOnes = `${candidates.length} distinct, ${fixtures} with programs (${programs})`;
  const verdicts = `${accepted} accepted, ${rejected} rejected, ${unsupported} unsupported`;
  await annotate([...counts, distinctOnes, verdicts].join('; '));
  expect(accepted + rejected + unsupported).toBe(programs * DEBIAN_TARGETS.length);
});
