import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import { readCachedJson, writeCachedJson } from '../storage/cached-json.ts';
import type { QemuBinary } from './qemu-binary.ts';

const qemuVersionSchema = z.object({ major: z.number(), minor: z.number() });

/** What the version of a QEMU starts with. */
export type QemuVersion = Readonly<z.infer<typeof qemuVersionSchema>>;

/**
 * The version of a QEMU, which is asked once and remembered in `qemu/` of the cache. Undefined where it does not say.
 */
export async function readQemuVersion(
  { path, identity }: QemuBinary,
  cacheRoot: string,
): Promise<QemuVersion | undefined> {
  const name = createHash('sha256').update(identity).digest('hex');
  const note = join(cacheRoot, 'qemu', `${name}.json`);
  const known = await readCachedJson(note, qemuVersionSchema);
  if (known !== undefined) return known;
  const { execa } = await import('execa');
  const { stdout = '' } = await execa(path, ['--version'], { reject: false });
  const [, major, minor] = /version (\d+)\.(\d+)/.exec(stdout) ?? [];
  if (major === undefined || minor === undefined) return undefined;
  const version = { major: Number(major), minor: Number(minor) };
  // A cache that cannot be written to only means asking again.
  await writeCachedJson(note, version).catch(() => {});
  return version;
}

export function isAtLeast(version: QemuVersion, least: QemuVersion): boolean {
  return (
    version.major > least.major || (version.major === least.major && version.minor >= least.minor)
  );
}
