import { describe, expect, test } from 'vitest';
import { NAMES_OF_HELPERS } from '../../harness/portability/helper-numbers.ts';
import { judgeOnWindows } from '../../harness/portability/judge-windows.ts';
import linux from '../../harness/portability/linux-features.json' with { type: 'json' };
import { loadTables } from '../../harness/portability/load-tables.ts';
import { type NeededProgram, objectNeeds } from '../../harness/portability/needs.ts';
import windows from '../../harness/portability/windows-features.json' with { type: 'json' };

const { windows: table } = await loadTables();

/** Everything of Linux that the table of kernels and its headers name. */
const PROGRAM_TYPES = Object.values(linux.programTypes).flat();
const MAP_TYPES = Object.values(linux.mapTypes).flat();
const INSTRUCTIONS = Object.values(linux.instructions).flat();

/** Of docs/isa-support.rst and the verifier's conformance groups: base, divmul and atomic, of 32 and 64 bits. */
const KNOWN_INSTRUCTIONS = ['atomics', 'bpf-to-bpf-call', 'cpu-v4', 'jmp32', 'kfunc'];

interface Asked {
  readonly type: string;
  readonly needs?: readonly (readonly [kind: string, name: string])[];
  readonly maps?: readonly string[];
}

/** What `check` says stops a program on a release, without what it says more of it. */
function stopsOn(version: string, { type, needs = [], maps = [] }: Asked): string[] {
  const all = [...needs, ...maps.map(name => ['map', name] as const)];
  const object = objectNeeds.parse({
    ...{ object: 'prog.o', error: null, byteOrder: 'little' },
    programs: [
      {
        ...{ name: 'prog', section: '', type, attachType: '', attachTo: '', kernels: {} },
        ...{ sleepable: false, frags: false, insns: 2, unreached: [] },
        needs: all.map(([kind, name]) => ({ kind, name, weak: false, line: null })),
      },
    ],
    maps: maps.map(name => ({
      ...{ name, type: name, keySize: 4, valueSize: 8, maxEntries: 1, flags: 0 },
      ...{ timer: false, lock: false, innerMap: null },
    })),
  });
  const [program] = object.programs as [NeededProgram];
  return judgeOnWindows(object, program, { table, version }).stops.map(({ what }) => what);
}

/** Whether a release has what came with another one, by the numbers of both. */
function has(version: string, since: string): boolean {
  const own = version.split('.').map(Number);
  const first = since.split('.').map(Number);
  const different = own.findIndex((number, index) => number !== (first[index] ?? 0));
  return different < 0 || (own[different] ?? 0) > (first[different] ?? 0);
}

describe.each(windows.versions.map(({ version }) => version))('eBPF for Windows %s', version => {
  test('every program type of Linux that it lacks is named', () => {
    const known = windows.programTypes.map(({ name }) => name);
    const lacking = PROGRAM_TYPES.filter(type => !known.includes(type));
    expect(lacking.length).toBeGreaterThan(20);
    for (const type of lacking) {
      expect(stopsOn(version, { type })).toEqual([`program type ${type}`]);
    }
  });

  test.each(windows.programTypes.map(({ name }) => name))(
    'every helper of Linux that %s lacks is named, and no other',
    type => {
      const needs = NAMES_OF_HELPERS.map(name => ['helper', name] as const);
      const there = windows.helpers.filter(
        ({ types, since }) => (types === null || types.includes(type)) && has(version, since),
      );
      const lacking = NAMES_OF_HELPERS.filter(name => !there.some(each => each.name === name));
      const named = stopsOn(version, { type, needs })
        .filter(what => what.startsWith('helper '))
        .map(what => what.split(' ')[1]);
      expect(lacking.length).toBeGreaterThan(150);
      expect(named).toEqual(lacking);
    },
  );

  test('every map type of Linux that it lacks is named, and no other', () => {
    const there = windows.mapTypes.filter(({ since }) => has(version, since));
    const lacking = MAP_TYPES.filter(type => !there.some(({ name }) => name === type));
    expect(lacking.length).toBeGreaterThan(15);
    const stops = stopsOn(version, { type: 'xdp', maps: MAP_TYPES });
    expect(stops.filter(what => what.startsWith('map '))).toEqual(
      lacking.map(type => `map type ${type}`),
    );
  });

  test('every instruction that it lacks is named, and no other', () => {
    const needs = INSTRUCTIONS.map(name => ['instruction', name] as const);
    const lacking = INSTRUCTIONS.filter(name => !KNOWN_INSTRUCTIONS.includes(name));
    expect(stopsOn(version, { type: 'xdp', needs })).toEqual(
      expect.arrayContaining(lacking.map(name => `instruction ${name}`)),
    );
    for (const name of KNOWN_INSTRUCTIONS) {
      const stops = stopsOn(version, { type: 'xdp', needs: [['instruction', name]] });
      expect(stops.filter(what => what.startsWith('instruction '))).toEqual([]);
    }
  });

  test('no kernel function of Linux is there', () => {
    expect(stopsOn(version, { type: 'xdp', needs: [['kfunc', 'bpf_iter_num_new']] })).toContain(
      'kfunc bpf_iter_num_new',
    );
  });
});
