import { join } from 'node:path';
import { expect, test } from 'vitest';
import { cacheRoot } from '../../harness/storage/cache-root.ts';

test('our own variable goes before those of XDG, and those before the home folder', () => {
  const environment = { CROSSBPF_CACHE: '/own', XDG_CACHE_HOME: '/xdg', HOME: '/home/u' };
  expect(cacheRoot(environment)).toBe('/own');
  expect(cacheRoot({ ...environment, CROSSBPF_CACHE: '' })).toBe('/xdg/crossbpf');
  expect(cacheRoot({ HOME: '/home/u' })).toBe('/home/u/.cache/crossbpf');
});

test('a relative XDG_CACHE_HOME is ignored, a relative CROSSBPF_CACHE is not', () => {
  expect(cacheRoot({ XDG_CACHE_HOME: 'x', HOME: '/home/u' })).toBe('/home/u/.cache/crossbpf');
  expect(cacheRoot({ CROSSBPF_CACHE: 'x' })).toBe(join(process.cwd(), 'x'));
});
