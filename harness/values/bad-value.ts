import { nearest } from '../config/nearest.ts';
import { CrossbpfError } from '../crossbpf-error.ts';

/** The error for a value that does not fit its type; `path` says where it is: `value.ports[2]`. */
export function badValue(path: string, message: string, hint?: string): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_BAD_VALUE',
    message: `${path}: ${message}`,
    ...(hint === undefined ? {} : { hint }),
  });
}

/** `Did you mean "limit"?`, or what there is to choose from. */
export function suggest(word: string, known: readonly string[]): string {
  const close = nearest(word, known);
  if (close !== undefined) return `Did you mean ${close}?`;
  if (known.length === 0) return 'It has none.';
  const shown = known.slice(0, 12).join(', ');
  return `Known: ${shown}${known.length > 12 ? `, and ${known.length - 12} more` : ''}.`;
}

/** A value in a message: short, on one line. */
export function show(value: unknown): string {
  if (typeof value === 'bigint') return String(value);
  const text = typeof value === 'string' ? JSON.stringify(value) : showOther(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

function showOther(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (value === null || typeof value !== 'object') return String(value);
  return value.constructor === Object ? 'an object' : `a ${value.constructor?.name ?? 'value'}`;
}
