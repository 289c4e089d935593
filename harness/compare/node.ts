import type { Json } from '../values/json.ts';

export interface MapEntry {
  readonly key: Json;
  readonly value: Json;
}

/** What a map holds. Its entries are told apart by their keys, whatever their order. */
export class MapContents {
  readonly entries: readonly MapEntry[];

  constructor(entries: readonly MapEntry[]) {
    this.entries = entries;
  }

  /** Whether keys tell the entries apart: not in a queue, nor in a buffer of records. */
  get isKeyed(): boolean {
    const keys = new Set(this.entries.map(({ key }) => JSON.stringify(key)));
    return keys.size === this.entries.length && !keys.has('null');
  }
}

/** A value that was observed, or a part of one. */
export type Node = Json | MapContents;

/** The way to a part of a value, in the words of a report: `[53]`, `.limit`. */
export type Path = readonly string[];

/** The parts of a value by their step of the path; undefined for what has none. */
export function partsOf(node: Node): ReadonlyMap<string, Node> | undefined {
  if (node === null || typeof node !== 'object') return undefined;
  if (node instanceof MapContents) {
    const { entries, isKeyed } = node;
    return new Map(
      entries.map((each, at) => [isKeyed ? keyStep(each.key) : `[${at}]`, each.value]),
    );
  }
  if (isList(node)) return new Map(node.map((each, index) => [`[${index}]`, each]));
  return new Map(Object.entries(node).map(([name, part]) => [memberStep(name), part]));
}

/** `[53]`, `[10.0.0.0/8]`, `[{pid: 7, cpu: 0}]`. */
export function keyStep(key: unknown): string {
  return `[${formatWhole(key)}]`;
}

export function memberStep(name: string): string {
  return /^[\w$]+$/.test(name) ? `.${name}` : `[${JSON.stringify(name)}]`;
}

/** Equal for equal values, whatever the order of members or of a map's entries. */
export function canonical(node: Node | undefined): string {
  if (node === undefined) return 'absent';
  if (!(node instanceof MapContents)) return JSON.stringify(sorted(node));
  const entries = node.entries.map(({ key, value }) =>
    JSON.stringify([sorted(key), sorted(value)]),
  );
  return `entries ${(node.isKeyed ? entries.sort() : entries).join()}`;
}

function sorted(value: Json): Json {
  if (value === null || typeof value !== 'object') return value;
  if (isList(value)) return value.map(sorted);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(members.map(([name, part]) => [name, sorted(part)]));
}

/**
 * A value or a matcher of one as text, whole: `7`, `eth0`, `"two words"`, `{limit: 3, name: eth0}`,
 * `{53: 7, 80: 1}` for a map.
 */
export function formatWhole(value: unknown): string {
  if (typeof value === 'string') return isWord(value) ? value : JSON.stringify(value);
  if (value === undefined) return 'absent';
  if (value === null || typeof value !== 'object' || value instanceof RegExp) return String(value);
  if (value instanceof MapContents) return formatEntries(value);
  if (Array.isArray(value)) return `[${value.map(formatWhole).join(', ')}]`;
  const members = Object.entries(value).map(([name, part]) => `${name}: ${formatWhole(part)}`);
  return `{${members.join(', ')}}`;
}

function formatEntries({ entries, isKeyed }: MapContents): string {
  if (!isKeyed) return formatWhole(entries.map(({ value }) => value));
  const parts = entries.map(({ key, value }) => `${formatWhole(key)}: ${formatWhole(value)}`);
  return `{${parts.join(', ')}}`;
}

/** Text that needs no quotes to be told from what is around it. */
function isWord(text: string): boolean {
  return /^[\w./:+-]*\w[\w./:+-]*$/.test(text) && text !== 'absent' && text !== 'null';
}

export function isList(node: Json): node is readonly Json[] {
  return Array.isArray(node);
}
