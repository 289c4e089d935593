import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

interface LockedPackage {
  readonly version?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

// `npm ci` refuses a lock without an entry for every optional package, those for other platforms too.
// A registry that lacks some of them makes `npm install` leave them out: add them by hand then
// (version, os, cpu, optional; npm does not fetch what is for another platform).
test('the lock file has every optional package, for all platforms', () => {
  const lock = JSON.parse(readFileSync(new URL('../package-lock.json', import.meta.url), 'utf8'));
  const packages = Object.entries<LockedPackage>(lock.packages);
  const isLocked = ({ place, name, version }: { place: string; name: string; version: string }) =>
    [`node_modules/${name}`, `${place}/node_modules/${name}`].some(
      entry => lock.packages[entry]?.version === version,
    );
  const missing = packages.flatMap(([place, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name, version]) => /^\d/.test(version) && !isLocked({ place, name, version }))
      .map(([name, version]) => `${name}@${version}`),
  );
  expect(missing).toEqual([]);
});
