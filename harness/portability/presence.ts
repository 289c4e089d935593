import { CrossbpfError } from '../crossbpf-error.ts';

/**
 * In which of a list of series something is: `6.1-` from there on, `6.1-6.12` up to and with the second, `5.10` in that
 * one alone; several ranges with commas between.
 */
export type Presence = string;

/** Writes the series that something is in; both lists in order. */
export function writePresence(present: ReadonlySet<string>, all: readonly string[]): Presence {
  const ranges: string[] = [];
  for (let from = 0; from < all.length; from += 1) {
    if (!present.has(all[from] ?? '')) continue;
    let to = from;
    while (to + 1 < all.length && present.has(all[to + 1] ?? '')) to += 1;
    if (to === all.length - 1) ranges.push(`${all[from]}-`);
    else ranges.push(from === to ? `${all[from]}` : `${all[from]}-${all[to]}`);
    from = to;
  }
  return ranges.join(',');
}

/** Reads the same back. Throws CrossbpfError `USAGE_BAD_TABLE` for series that are not in the list. */
export function readPresence(text: Presence, all: readonly string[]): Set<string> {
  const present = new Set<string>();
  for (const range of text.split(',')) {
    const [first = '', last = first] = range.split('-');
    const from = all.indexOf(first);
    const to = last === '' ? all.length - 1 : all.indexOf(last);
    if (from < 0 || to < from) {
      throw new CrossbpfError({
        code: 'USAGE_BAD_TABLE',
        message: `the table of kernels names series that it has no build of: ${range}`,
        hint: 'Write it anew: npm run write:features.',
      });
    }
    for (const series of all.slice(from, to + 1)) present.add(series);
  }
  return present;
}
