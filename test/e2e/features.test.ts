import { homedir } from 'node:os';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FeaturesReply } from '../../harness/agent/feature-messages.ts';
import { findPackage } from '../../harness/commands/find-package.ts';
import type { KernelReference } from '../../harness/kernels/kernel.ts';
import { resolveKernels } from '../../harness/kernels/resolve-kernels.ts';
import { limitWords } from '../../harness/portability/build-linux-table.ts';
import type { NamedFact } from '../../harness/portability/linux-table.ts';
import { loadTables } from '../../harness/portability/load-tables.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { createTargets } from '../../harness/targets/create-targets.ts';
import { GUEST_MODULES, KERNEL_WORDS } from '../../harness/targets/linux-vm.ts';
import { askBpftool, type BpftoolAnswer, prepareBpftool } from './bpftool/ask-bpftool.ts';

/** The oldest, one of the middle and the newest: a look at each takes half a minute without KVM. */
const SERIES = ['5.10', '6.12', '7.3'];

/** The kind of program that libbpf tries where a program type has several (libbpf_probes.c). */
const KIND_OF_TYPE: Readonly<Record<string, string>> = {
  cgroup_sock: 'cgroup_sock/cgroup_inet_sock_create',
  cgroup_sock_addr: 'cgroup_sock_addr/cgroup_inet4_connect',
  cgroup_sockopt: 'cgroup_sockopt/cgroup_getsockopt',
};

/** Types of which bpftool tries no helpers: their programs need a target. */
const WITHOUT_HELPERS = new Set(['tracing', 'struct_ops', 'ext', 'lsm']);

/**
 * Helpers that libbpf finds where we do not, with why: it takes every complaint but three for the helper being there.
 */
const ONLY_BPFTOOL: Readonly<Record<string, string>> = {
  bpf_get_func_ip: 'ENOTSUPP: "not supported for program type"',
  bpf_get_func_arg: 'ENOTSUPP: for programs with a trampoline alone',
  bpf_copy_from_user: '"might sleep in a non-sleepable prog"',
  bpf_copy_from_user_task: '"might sleep in a non-sleepable prog"',
};

interface Answers {
  readonly features: FeaturesReply;
  readonly bpftool: BpftoolAnswer;
}

const cache = cacheRoot(process.env);
let answers: ReadonlyMap<string, Answers>;

beforeAll(async () => {
  await using folder = await openTempFolder('e2e-features');
  const bpftool = await prepareBpftool(folder.path, cache);
  const references = SERIES.map((series): KernelReference => ({ kind: 'series', series }));
  const kernels = await resolveKernels(references, {
    ...{ arch: 'amd64', modules: GUEST_MODULES, cacheRoot: cache, environment: process.env },
  });
  const asked = kernels.map(async (found, index) => {
    if (found.status === 'failed') throw found.error;
    const question = { bpftool, kernel: found.kernel, kernelWords: KERNEL_WORDS, cacheRoot: cache };
    const series = SERIES[index] ?? '';
    return [
      series,
      { features: await probe(series), bpftool: await askBpftool(question) },
    ] as const;
  });
  answers = new Map(await Promise.all(asked));
});

async function probe(series: string): Promise<FeaturesReply> {
  const { signal } = new AbortController();
  const [planned] = await createTargets([`linux@${series}`], {
    ...{ folder: homedir(), packageRoot: findPackage(import.meta.dirname).packageRoot, signal },
    ...{ cacheRoot: cache, environment: process.env, memoryMiB: 512, accel: 'auto', fresh: false },
    ...{ onSnapshot: () => {}, onProgress: () => {} },
  });
  if (planned?.kind !== 'ready') throw planned?.error ?? new Error('no target');
  await using connection = await planned.target.open(signal);
  return await connection.features({ helpers: true, kfuncs: false, hooks: true });
}

/** `xdp` of `have_xdp_prog_type`, for those that are there. */
function present(flags: Readonly<Record<string, boolean>>, kind: string): string[] {
  const name = new RegExp(`^have_(.+)_${kind}_type$`);
  const found = Object.entries(flags).flatMap(([key, there]) =>
    there ? (name.exec(key)?.[1] ?? []) : [],
  );
  return found.sort();
}

describe.each(SERIES)('linux@%s', series => {
  const both = () => {
    const found = answers.get(series);
    if (found === undefined) throw new Error(`no answers of ${series}`);
    return found;
  };

  test('program types are those that bpftool finds', () => {
    const { features, bpftool } = both();
    // bpftool tries no program with a target, and a kernel without one says EINVAL.
    const theirs = present(bpftool.program_types, 'prog');
    const ours = features.programTypes.toSorted();
    expect(theirs.filter(name => !ours.includes(name))).toEqual([]);
    expect(ours.filter(name => !theirs.includes(name) && !WITHOUT_HELPERS.has(name))).toEqual([]);
  });

  // libbpf asks with a field (value_type_btf_obj_fd) that 5.10 does not know, and takes E2BIG for "no struct_ops".
  test('map types are those that bpftool finds', () => {
    const { features, bpftool } = both();
    const ours = features.mapTypes.toSorted();
    const theirs = present(bpftool.map_types, 'map');
    expect(theirs.filter(name => !ours.includes(name))).toEqual([]);
    const more = ours.filter(name => !theirs.includes(name));
    expect(more).toEqual(series === '5.10' ? ['struct_ops'] : []);
  });

  test('helpers are those that bpftool finds, by program type', () => {
    const { features, bpftool } = both();
    const compared = features.programTypes.filter(type => !WITHOUT_HELPERS.has(type));
    for (const type of compared) {
      const ours = features.helpers[KIND_OF_TYPE[type] ?? type] ?? [];
      const theirs = bpftool.helpers[`${type}_available_helpers`] ?? [];
      expect(ours.length, type).toBeGreaterThan(20);
      expect(
        ours.filter(name => !theirs.includes(name)),
        type,
      ).toEqual([]);
      const more = theirs.filter(name => !ours.includes(name) && ONLY_BPFTOOL[name] === undefined);
      expect(more, type).toEqual([]);
    }
  });

  test('limits and instructions are those that bpftool finds', () => {
    const { features, bpftool } = both();
    const limits = limitWords(features);
    expect(limits.includes('more than 4096 instructions')).toBe(
      bpftool.misc['have_large_insn_limit'],
    );
    expect(limits.includes('bounded loops')).toBe(bpftool.misc['have_bounded_loops']);
    expect(features.instructions.includes('jmp32')).toBe(bpftool.misc['have_v3_isa_extension']);
    const v4 = bpftool.misc['have_v4_isa_extension'];
    if (v4 !== undefined) expect(features.instructions.includes('cpu-v4')).toBe(v4);
  });

  test('the table says the same of this series', async () => {
    const { linux } = await loadTables();
    const { features } = both();
    const inTable = (list: NamedFact, name: string) => linux.presence({ list, name }).has(series);
    for (const list of [
      'programTypes',
      'mapTypes',
      'instructions',
      'kinds',
      'attachTypes',
    ] as const) {
      expect(
        features[list].filter(name => !inTable(list, name)),
        list,
      ).toEqual([]);
    }
    const wrong = Object.entries(features.helpers).flatMap(([kind, names]) =>
      names.filter(name => !linux.presence({ list: 'helpers', name, kind }).has(series)),
    );
    expect(wrong).toEqual([]);
  });

  test('everything has a clear answer', () => {
    expect(both().features.unknown).toEqual([]);
  });
});
