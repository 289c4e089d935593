import { homedir } from 'node:os';
import pMap from 'p-map';
import { beforeAll, describe, expect, test } from 'vitest';
import type { FeaturesReply } from '../../harness/agent/feature-messages.ts';
import { findPackage } from '../../harness/commands/find-package.ts';
import type { Kernel, KernelReference } from '../../harness/kernels/kernel.ts';
import { resolveKernels } from '../../harness/kernels/resolve-kernels.ts';
import { limitWords } from '../../harness/portability/build-linux-table.ts';
import linuxFeatures from '../../harness/portability/linux-features.json' with { type: 'json' };
import { LinuxTable } from '../../harness/portability/linux-table.ts';
import { linuxTableDocument } from '../../harness/portability/linux-table-schema.ts';
import { cacheRoot } from '../../harness/storage/cache-root.ts';
import { openTempFolder } from '../../harness/storage/temp-folder.ts';
import { createTargets } from '../../harness/targets/create-targets.ts';
import { GUEST_MODULES, KERNEL_WORDS } from '../../harness/targets/linux-vm.ts';
import { askBpftool, type BpftoolAnswer, prepareBpftool } from './bpftool/ask-bpftool.ts';
import { type ComparedFeatures, featuresOfTable } from './bpftool/features-of-table.ts';

const document = linuxTableDocument.parse(linuxFeatures);
const table = new LinuxTable(linuxFeatures);

/** Those that are probed anew, a look at each of which takes 14 s of a core without KVM: what the table says is held by them. */
const PROBED = ['5.10', '6.12', '7.3'];

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

const cache = cacheRoot(process.env);
let asked: ReadonlyMap<string, BpftoolAnswer>;
let probed: ReadonlyMap<string, FeaturesReply>;

beforeAll(async () => {
  await using folder = await openTempFolder('e2e-features');
  const bpftool = await prepareBpftool(folder.path, cache);
  const kernels = await kernelsOf(table.series);
  const ask = async (kernel: Kernel, index: number) => {
    const question = { bpftool, kernel, kernelWords: KERNEL_WORDS, cacheRoot: cache };
    return [table.series[index] ?? '', await askBpftool(question)] as const;
  };
  asked = new Map(await pMap(kernels, ask, { concurrency: 2 }));
  probed = new Map(
    await pMap(PROBED, async series => [series, await probe(series)] as const, { concurrency: 2 }),
  );
});

async function kernelsOf(series: readonly string[]): Promise<Kernel[]> {
  const references = series.map((each): KernelReference => ({ kind: 'series', series: each }));
  const found = await resolveKernels(references, {
    ...{ arch: 'amd64', modules: GUEST_MODULES, cacheRoot: cache, environment: process.env },
  });
  return found.map(each => {
    if (each.status === 'failed') throw each.error;
    return each.kernel;
  });
}

async function probe(series: string): Promise<FeaturesReply> {
  const { signal } = new AbortController();
  const [planned] = await createTargets([`linux@${series}`], {
    ...{ folder: homedir(), packageRoot: findPackage(import.meta.dirname).packageRoot, signal },
    ...{ cacheRoot: cache, environment: process.env, memoryMiB: 512, accel: 'auto', fresh: false },
    ...{ onSnapshot: () => {}, onProgress: () => {} },
  });
  if (planned?.kind !== 'ready') throw planned?.error ?? new Error('no target');
  await using connection = await planned.target.open(signal);
  return await connection.features({ helpers: true, kfuncs: false, hooks: true, contexts: true });
}

/** `xdp` of `have_xdp_prog_type`, for those that are there. */
function present(flags: Readonly<Record<string, boolean>>, kind: string): string[] {
  const name = new RegExp(`^have_(.+)_${kind}_type$`);
  const found = Object.entries(flags).flatMap(([key, there]) =>
    there ? (name.exec(key)?.[1] ?? []) : [],
  );
  return found.sort();
}

function answerOf<T>(answers: ReadonlyMap<string, T>, series: string): T {
  const found = answers.get(series);
  if (found === undefined) throw new Error(`no answer of ${series}`);
  return found;
}

test('every series from 5.10 on is compared', () => {
  const all = '5.10 6.1 6.12 6.16 6.17 6.18 6.19 7.0 7.1 7.2 7.3'.split(' ');
  expect(table.series).toEqual(expect.arrayContaining(all));
});

/** What features wrote of each series into the table. */
describe.each(table.series)('linux@%s, and what bpftool says in the same guest', series => {
  const features = featuresOfTable(document, series);
  const bpftool = () => answerOf(asked, series);

  test('program types', () => {
    // bpftool tries no program with a target, and a kernel without one says EINVAL.
    const ours = features.programTypes.filter(name => !WITHOUT_HELPERS.has(name));
    const theirs = present(bpftool().program_types, 'prog');
    expect(theirs.filter(name => !WITHOUT_HELPERS.has(name))).toEqual(ours);
    expect(theirs.filter(name => !features.programTypes.includes(name))).toEqual([]);
  });

  // libbpf asks with a field (value_type_btf_obj_fd) that came with 6.9 (fcc2c1fb0651, "bpf: pass attached BTF to the
  // bpf_struct_ops subsystem"), and takes E2BIG for "no struct_ops".
  test('map types', () => {
    const theirs = present(bpftool().map_types, 'map');
    expect(theirs.filter(name => !features.mapTypes.includes(name))).toEqual([]);
    const more = features.mapTypes.filter(name => !theirs.includes(name));
    expect(more).toEqual(['5.10', '6.1'].includes(series) ? ['struct_ops'] : []);
  });

  test('helpers by program type', () => {
    const compared = features.programTypes.filter(type => !WITHOUT_HELPERS.has(type));
    for (const type of compared) {
      const ours = helpersOf(features, type);
      const theirs = bpftool().helpers[`${type}_available_helpers`] ?? [];
      expect(ours.length, type).toBeGreaterThan(20);
      expect(
        ours.filter(name => !theirs.includes(name)),
        type,
      ).toEqual([]);
      const more = theirs.filter(name => !ours.includes(name) && ONLY_BPFTOOL[name] === undefined);
      expect(more, type).toEqual([]);
    }
  });

  test('limits and instructions', () => {
    const { limits, instructions } = features;
    const { misc } = bpftool();
    expect(limits.includes('more than 4096 instructions')).toBe(misc['have_large_insn_limit']);
    expect(limits.includes('bounded loops')).toBe(misc['have_bounded_loops']);
    expect(instructions.includes('jmp32')).toBe(misc['have_v3_isa_extension']);
    const v4 = misc['have_v4_isa_extension'];
    // bpftool tries one instruction of cpu v4, gotol, which 6.1.192 has without the others.
    if (series === '6.1') expect([v4, instructions.includes('cpu-v4')]).toEqual([true, false]);
    else expect(instructions.includes('cpu-v4')).toBe(v4);
  });
});

function helpersOf({ helpers }: ComparedFeatures, type: string): readonly string[] {
  return helpers[KIND_OF_TYPE[type] ?? type] ?? [];
}

describe.each(PROBED)('linux@%s, probed anew', series => {
  test('the table says the same', () => {
    const now = answerOf(probed, series);
    const written = featuresOfTable(document, series);
    expect(now.programTypes.toSorted()).toEqual(written.programTypes);
    expect(now.mapTypes.toSorted()).toEqual(written.mapTypes);
    expect(now.instructions.toSorted()).toEqual(written.instructions);
    expect(limitWords(now).toSorted()).toEqual(written.limits);
    const filled = Object.entries(now.helpers).filter(([, names]) => names.length > 0);
    expect(Object.fromEntries(filled)).toEqual(written.helpers);
    for (const name of now.mapTypeFlags) {
      expect(table.presence({ list: 'mapTypeFlags', name }).has(series), name).toBe(true);
    }
    for (const [kind, accesses] of Object.entries(now.contexts)) {
      const missing = accesses.filter(
        name => !table.presence({ list: 'contexts', name, kind }).has(series),
      );
      expect(missing, kind).toEqual([]);
    }
    expect(Object.keys(now.contexts).length).toBeGreaterThan(35);
    for (const list of ['kinds', 'attachTypes', 'iterators', 'structOps'] as const) {
      const missing = now[list].filter(name => !table.presence({ list, name }).has(series));
      expect(missing, list).toEqual([]);
    }
  });

  test('everything has a clear answer', () => {
    expect(answerOf(probed, series).unknown).toEqual([]);
  });
});
