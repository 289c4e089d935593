import { CrossbpfError } from '../crossbpf-error.ts';
import type { Environment } from '../storage/cache-root.ts';

const DEFAULT_BYTES = 5e9;

const UNITS: Readonly<Record<string, number>> = {
  ...{ MB: 1e6, GB: 1e9, TB: 1e12 },
  ...{ MIB: 2 ** 20, GIB: 2 ** 30, TIB: 2 ** 40 },
};

/**
 * How many bytes the cache may take: `$CROSSBPF_CACHE_SIZE`, such as `3GB` or `800 MB`, else 5 GB.
 *
 * @throws CrossbpfError `USAGE_CACHE_SIZE` for anything else.
 */
export function cacheLimit({ CROSSBPF_CACHE_SIZE: text = '' }: Environment): number {
  if (text === '') return DEFAULT_BYTES;
  const [, number, unit = ''] = /^(\d+(?:\.\d+)?) ?([KMGT]i?B)$/i.exec(text.trim()) ?? [];
  const factor = UNITS[unit.toUpperCase()];
  if (number !== undefined && factor !== undefined) return Math.round(Number(number) * factor);
  throw new CrossbpfError({
    code: 'USAGE_CACHE_SIZE',
    message: `CROSSBPF_CACHE_SIZE is no size: ${text}`,
    hint: 'Give a number and MB, GB or TB, such as 3GB.',
  });
}
