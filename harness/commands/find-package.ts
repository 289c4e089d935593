import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/** Where this package is installed, and its version. */
export interface PackagePlace {
  readonly packageRoot: string;
  readonly toolVersion: string;
}

/** Looks for the nearest `package.json` above a folder of this package. */
export function findPackage(folder: string): PackagePlace {
  const file = path.join(folder, 'package.json');
  if (!existsSync(file)) return findPackage(path.dirname(folder));
  const { version } = JSON.parse(readFileSync(file, 'utf8')) as { version: string };
  return { packageRoot: folder, toolVersion: version };
}
