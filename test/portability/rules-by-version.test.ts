import { describe, expect, test } from 'vitest';
import { judgeOnLinux } from '../../harness/portability/judge-linux.ts';
import { loadTables } from '../../harness/portability/load-tables.ts';
import { type Finding, type NeededProgram, objectNeeds } from '../../harness/portability/needs.ts';
import { NEVER_RETURN } from '../../harness/portability/rules-by-version.ts';

const { linux: table } = await loadTables();
const FOUND: Finding = {
  absent: [],
  different: [],
  unreached: [],
  faults: [],
  target: null,
  result: null,
};

interface Asked {
  readonly program: Partial<NeededProgram> | object;
  readonly maps?: readonly object[];
  readonly finding?: Partial<Finding>;
}

/** What stops a program on a version. */
function stopsOn(version: string, { program, maps = [], finding = {} }: Asked): string[] {
  const rest = { sleepable: false, frags: false, insns: 4, needs: [], unreached: [], kernels: {} };
  const object = objectNeeds.parse({
    ...{ object: 'prog.o', error: null, byteOrder: 'little', maps },
    programs: [{ name: 'prog', section: '', attachType: '', attachTo: '', ...rest, ...program }],
  });
  const [only] = object.programs as [NeededProgram];
  const found = { ...FOUND, ...finding };
  const question = { table, version, finding: found, options: new Map<string, string>() };
  return judgeOnLinux(object, only, question).stops.map(({ what }) => what);
}

function need(kind: string, name: string) {
  return { kind, name, weak: false, line: null };
}

describe('a function that never returns', () => {
  const exit = (attachTo: string, attachType = 'trace_fexit'): Asked => ({
    program: { type: 'tracing', attachType, attachTo },
  });

  test.each(NEVER_RETURN)('%s has no exit since 6.15', name => {
    expect(stopsOn('6.16', exit(name))).toContain(`the exit of ${name}`);
    expect(stopsOn('6.1', exit(name))).not.toContain(`the exit of ${name}`);
  });

  test('builds of older series have the rule too', () => {
    for (const version of ['6.6.89', '6.12.26', '6.12', '6.14.5', '6.15']) {
      expect(stopsOn(version, exit('do_exit')), version).toContain('the exit of do_exit');
    }
    for (const version of ['5.10', '6.6.88', '6.12.25', '6.13.12', '6.14.4']) {
      expect(stopsOn(version, exit('do_exit')), version).not.toContain('the exit of do_exit');
    }
  });

  test('its start and other functions are as ever', () => {
    expect(stopsOn('7.3', exit('do_exit', 'trace_fentry'))).toEqual([]);
    expect(stopsOn('7.3', exit('vfs_open'))).toEqual([]);
  });
});

describe('the answer of an LSM hook', () => {
  const answer = (result: string, more: Partial<Finding> = { result: 'number' }): Asked => ({
    ...{ finding: more },
    program: {
      ...{ type: 'lsm', attachType: 'lsm_mac', attachTo: 'file_open' },
      needs: [need('return', result)],
    },
  });

  test('is 0 or a negative errno since 6.12', () => {
    const stop = ['1 as the answer of LSM hook file_open'];
    expect(stopsOn('6.12', answer('1'))).toEqual(stop);
    expect(stopsOn('6.1', answer('1'))).toEqual([]);
    for (const fine of ['0', '-1', '-4095', '4294967295']) {
      expect(stopsOn('6.12', answer(fine)), fine).toEqual([]);
    }
    expect(stopsOn('6.12', answer('-4096'))).toHaveLength(1);
  });

  test('means nothing where the hook answers nothing, or where that is not known', () => {
    expect(stopsOn('6.12', answer('1', { result: 'void' }))).toEqual([]);
    expect(stopsOn('6.12', answer('1', { result: null }))).toEqual([]);
  });
});

test('a map with a timer is for tracing since 7.0', () => {
  const sizes = { keySize: 4, valueSize: 24, maxEntries: 1, flags: 0, lock: false, innerMap: null };
  const asked = (timer: boolean, type = 'kprobe'): Asked => ({
    ...{ maps: [{ name: 'm', type: 'array', timer, ...sizes }] },
    program: { type, needs: [need('map', 'm')] },
  });
  expect(stopsOn('6.18', asked(true))).toEqual(['map m with a timer for kprobe']);
  expect(stopsOn('7.0', asked(true))).toEqual([]);
  expect(stopsOn('6.18', asked(false))).toEqual([]);
  expect(stopsOn('6.18', asked(true, 'xdp'))).toEqual([]);
});

test('a map with a lock is for no tracing and no filter', () => {
  const sizes = { keySize: 4, valueSize: 8, maxEntries: 1, flags: 0, timer: false, innerMap: null };
  const asked = (type: string, lock = true): Asked => ({
    ...{ maps: [{ name: 'm', type: 'array', lock, ...sizes }] },
    program: { type, needs: [need('map', 'm')] },
  });
  for (const type of ['kprobe', 'tracepoint', 'socket_filter']) {
    expect(stopsOn('7.3', asked(type))).toEqual([`map m with a lock for ${type}`]);
    expect(stopsOn('7.3', asked(type, false))).toEqual([]);
  }
  expect(stopsOn('7.3', asked('xdp'))).toEqual([]);
});

test('a hash that allocates on demand is for perf_event since 6.1', () => {
  const sizes = {
    keySize: 4,
    valueSize: 8,
    maxEntries: 1,
    timer: false,
    lock: false,
    innerMap: null,
  };
  const asked = (flags: number, type = 'perf_event'): Asked => ({
    ...{ maps: [{ name: 'm', type: 'hash', flags, ...sizes }] },
    program: { type, needs: [need('map', 'm')] },
  });
  expect(stopsOn('5.10', asked(1))).toEqual(['map m with BPF_F_NO_PREALLOC for perf_event']);
  expect(stopsOn('6.1', asked(1))).toEqual([]);
  expect(stopsOn('5.10', asked(0))).toEqual([]);
  expect(stopsOn('5.10', asked(1, 'kprobe'))).toEqual([]);
});

test('what global functions may have came by and by', () => {
  const asked = (what: string): Asked => ({
    program: { type: 'xdp', needs: [need('global', `f: ${what}`)] },
  });
  expect(stopsOn('5.10', asked('a pointer'))).toEqual([
    'global function f with a pointer as an argument',
  ]);
  expect(stopsOn('6.1', asked('a pointer'))).toEqual([]);
  expect(stopsOn('7.0', asked('no result'))).toEqual(['global function f with no result']);
  expect(stopsOn('7.1', asked('no result'))).toEqual([]);
});

test('an entry of an array need not be checked where its index is a constant, since 6.14', () => {
  const defect = 'an entry of an array that may be NULL: check it before it is used';
  const asked = { program: { type: 'xdp', needs: [need('defect', defect)] } };
  expect(stopsOn('6.12', asked)).toEqual([defect]);
  expect(stopsOn('6.16', asked)).toEqual([]);
});
