import { expect, test } from 'vitest';
import { cacheLimit } from '../../harness/cache/cache-limit.ts';

test.each([
  [undefined, 5e9],
  ['', 5e9],
  ['3GB', 3e9],
  ['1.5 gb', 1.5e9],
  ['800MB', 8e8],
  ['2TiB', 2 * 2 ** 40],
  ['0GB', 0],
])('%s', (text, bytes) => {
  expect(cacheLimit({ CROSSBPF_CACHE_SIZE: text })).toBe(bytes);
});

test.each(['lots', '3', '-1GB', '3 G', 'GB', '3GB or so', '5kB'])('%s is no size', text => {
  expect(() => cacheLimit({ CROSSBPF_CACHE_SIZE: text })).toThrow(
    expect.objectContaining({ code: 'USAGE_CACHE_SIZE', kind: 'usage' }),
  );
});
