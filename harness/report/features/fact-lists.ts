import type { FeaturesReply } from '../../agent/feature-messages.ts';

/** What a target has, as lists of names by what they are. */
export function factLists(features: FeaturesReply): ReadonlyMap<string, readonly string[]> {
  const { jit, btf, limits } = features;
  const helpers = Object.entries(features.helpers).map(
    ([kind, names]) => [`helpers of ${kind}`, names] as const,
  );
  const kfuncs = features.kfuncs.map(({ name, kinds, sleepable }) => {
    const who = kinds === null ? 'unknown' : kinds.join(' ');
    return `${name} (${who}${sleepable ? '; only if it may sleep' : ''})`;
  });
  return new Map([
    ['program types', features.programTypes],
    ['kinds of programs', features.kinds],
    ['attach types', features.attachTypes],
    ['map types', features.mapTypes],
    ['map flags', features.mapFlags],
    ['map flags by type', features.mapTypeFlags],
    ['map types for programs that may sleep', features.sleepableMaps],
    ['instructions', features.instructions],
    ['iterators', features.iterators],
    ['struct_ops', features.structOps],
    ['LSM hooks', features.lsmHooks.map(({ name }) => name)],
    [
      'LSM hooks where a program may sleep',
      features.lsmHooks.filter(({ sleepable }) => sleepable).map(({ name }) => name),
    ],
    ['security modules', features.lsms],
    ['JIT', settings({ enable: jit.enable, harden: jit.harden, limit: jit.limit })],
    ['types', btf.vmlinux ? ['vmlinux', ...btf.modules] : []],
    [
      'limits',
      [
        `stack of ${limits.stackBytes} bytes`,
        ...(limits.largePrograms ? ['more than 4096 instructions'] : []),
        ...(limits.boundedLoops ? ['bounded loops'] : []),
        ...settings({ unprivileged_bpf_disabled: limits.unprivilegedDisabled }),
      ],
    ],
    ['configuration', features.config.map(({ name, value }) => `${name}=${value}`)],
    ...helpers,
    ['kfuncs', kfuncs],
  ]);
}

function settings(values: Readonly<Record<string, number | null>>): string[] {
  return Object.entries(values).flatMap(([name, value]) =>
    value === null ? [] : [`${name}=${value}`],
  );
}
