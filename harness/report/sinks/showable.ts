import { terminalLines, terminalText } from './terminal.ts';

/** What has lines of its own. */
const OF_LINES: ReadonlySet<string> = new Set(['output', 'console']);
/** What no display shows. */
const NOT_SHOWN: ReadonlySet<string> = new Set(['log']);

/**
 * A copy of a document (a report, what `check` found) in which every string, names of fields included, is safe for a
 * terminal and for GitHub's runner. A display that renders the copy cannot forget one.
 */
export function showable<T>(document: T): T {
  return copy(document, '') as T;
}

function copy(value: unknown, key: string): unknown {
  if (typeof value === 'string') return copyText(value, key);
  if (Array.isArray(value)) return value.map(each => copy(each, key));
  if (value instanceof Map) return new Map(copyEntries(value.entries()));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(copyEntries(Object.entries(value)));
}

function copyText(text: string, key: string): string {
  if (NOT_SHOWN.has(key)) return '';
  return OF_LINES.has(key) ? terminalLines(text) : terminalText(text);
}

/** Two names that look alike when they are escaped stay two. */
function copyEntries(entries: Iterable<readonly [string, unknown]>): [string, unknown][] {
  const taken = new Set<string>();
  return Array.from(entries, ([name, value]) => {
    let shown = terminalText(name);
    while (taken.has(shown)) shown += '′';
    taken.add(shown);
    return [shown, copy(value, name)];
  });
}
