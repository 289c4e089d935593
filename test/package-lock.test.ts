import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

// `npm ci` refuses a lock without an entry for every optional package, those for other platforms too.
// A registry that lacks some of them makes `npm install` leave them out: add them by hand then
// (version, os, cpu, optional; npm does not fetch what is for another platform).
test('the lock file has every optional package, for all platforms', () => {
  const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
  const packages = Object.entries<LockedPackage>(lock.packages);
  const missing = packages.flatMap(([place, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies)
      .filter(name => !(`node_modules/${name}` in lock.packages))
      .filter(name => !(`${place}/node_modules/${name}` in lock.packages)),
  );
  expect(missing).toEqual([]);
});
