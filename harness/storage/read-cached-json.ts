import { readFile } from 'node:fs/promises';
import type { z } from 'zod';

/** A JSON file of the cache; undefined if it is not there, damaged, or of another version. */
export async function readCachedJson<T>(
  path: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : schema.safeParse(parse(text)).data;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
