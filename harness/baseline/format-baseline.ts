import type { Baseline } from './baseline-schema.ts';

/** From this depth on a value stands on one line: what one target said, or who said one thing. */
const INLINE_DEPTH = 5;

/** A baseline as its file: sorted, and a line for each answer, so that a change of one is a line in a diff. */
export function formatBaseline({ schema, targets, fixtures }: Baseline): string {
  return `${format({ schema, targets, fixtures }, 0, false)}\n`;
}

function format(value: unknown, depth: number, sorted = true): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (depth === INLINE_DEPTH || Array.isArray(value)) return inline(value);
  const entries = Object.entries(value);
  if (entries.length === 0) return '{}';
  // Where all targets say the same, that is one line.
  if (depth === INLINE_DEPTH - 1 && entries.length === 1 && Array.isArray(entries[0]?.[1])) {
    return inline(value);
  }
  const ordered = sorted ? entries.toSorted(byName) : entries;
  const indent = '  '.repeat(depth + 1);
  const lines = ordered.map(
    ([key, part]) => `${indent}${JSON.stringify(key)}: ${format(part, depth + 1)}`,
  );
  return `{\n${lines.join(',\n')}\n${'  '.repeat(depth)}}`;
}

/** Versions in names by their numbers: linux@5.10 behind linux@5.4. */
function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a.localeCompare(b, 'en', { numeric: true });
}

function inline(value: object): string {
  if (Array.isArray(value)) {
    const names = value.map(String).toSorted((a, b) => byName([a, 0], [b, 0]));
    return `[${names.map(name => JSON.stringify(name)).join(', ')}]`;
  }
  const parts = Object.entries(value).map(
    ([key, part]) =>
      `${JSON.stringify(key)}: ${isNested(part) ? inline(part) : JSON.stringify(part)}`,
  );
  return `{ ${parts.join(', ')} }`;
}

function isNested(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
