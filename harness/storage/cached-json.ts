import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { z } from 'zod';
import { writeFileAtomically } from './atomic-write.ts';

/** Called with the path of a cached file whose bytes are not those that were written. */
export type DamageListener = (path: string) => void;

/** `{"sha256":"…","value":…}`: the digest is that of the value's text. */
const FORM = /^\{"sha256":"([0-9a-f]{64})","value":(.*)\}$/s;

/**
 * A JSON file of the cache; undefined if it is not there, of another version, or damaged. A damaged one is
 * as good as none: whoever wrote it writes it again.
 */
export async function readCachedJson<T>(
  path: string,
  schema: z.ZodType<T>,
  onDamaged: DamageListener = () => {},
): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const [, digest, value = ''] = FORM.exec(text) ?? [];
  if (digest !== sha256(value)) {
    onDamaged(path);
    return undefined;
  }
  return schema.safeParse(JSON.parse(value)).data;
}

/** Writes a JSON file of the cache, with its digest. */
export async function writeCachedJson(path: string, value: unknown): Promise<void> {
  await writeFileAtomically(path, formatCachedJson(value));
}

/** As `writeCachedJson`; a cache that this user may not write to is left as it is, and the value is made again next time. */
export async function keepCachedJson(path: string, value: unknown): Promise<void> {
  try {
    await writeCachedJson(path, value);
  } catch (thrown) {
    if (!READ_ONLY.has((thrown as NodeJS.ErrnoException).code ?? '')) throw thrown;
  }
}

const READ_ONLY: ReadonlySet<string> = new Set(['EROFS', 'EACCES', 'EPERM']);

/** The text of a JSON file of the cache. */
export function formatCachedJson(value: unknown): string {
  const text = JSON.stringify(value);
  return `{"sha256":"${sha256(text)}","value":${text}}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
