import type { z } from 'zod';
import { isOfKeys } from './strict-object.ts';

type Issue = z.core.$ZodIssue;
type Path = readonly PropertyKey[];

/** What is wrong with a value, a line each, with where: `steps[3].expct: unknown key; did you mean expect?`. */
export function describeIssues(error: z.ZodError): string[] {
  return error.issues.flatMap(issue => describe(issue, []));
}

function describe(issue: Issue, parent: Path): string[] {
  const path = [...parent, ...issue.path];
  if (issue.code === 'unrecognized_keys' || isOfKeys(issue.message)) {
    return issue.message.split('\n').map(line => join(formatPath(path), line));
  }
  if (issue.code === 'invalid_union' && issue.message === UNSAID) {
    const branch = likeliest(issue.errors);
    if (branch !== undefined) return branch.flatMap(inner => describe(inner, path));
  }
  return [formatPath(path) === '' ? wording(issue) : `${formatPath(path)}: ${wording(issue)}`];
}

/** What zod says of a union that has no words of its own. */
const UNSAID = 'Invalid input';

function wording({ code, message, ...issue }: Issue): string {
  if (code === 'custom') return message;
  if (/received undefined$/.test(message)) {
    return 'expected' in issue ? `it is missing (expected ${issue.expected})` : 'it is missing';
  }
  return message.replace(/^Invalid (?:input|option): /, '').replaceAll('"', "'");
}

/** The alternative that the user meant: the one with the least wrong. */
function likeliest(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  return branches.toSorted((a, b) => cost(a) - cost(b))[0];
}

function cost(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => sum + costOf(issue), 0);
}

const OTHER_KIND = 10;
const OTHER_KEY = 4;

/** What is wrong at the top tells that another alternative was meant; what is wrong inside does not. */
function costOf(issue: Issue): number {
  const depth = issue.path.length;
  if (issue.code === 'unrecognized_keys') return issue.keys.length * (depth === 0 ? OTHER_KEY : 1);
  if (depth === 0) return OTHER_KIND;
  const isMissing = /received undefined$|^it is missing/.test(issue.message);
  return depth === 1 && isMissing ? OTHER_KEY : 1;
}

/** `steps[3].expect`; a key that is no plain name in quotes. */
export function formatPath(path: Path): string {
  return path.reduce<string>((text, key) => join(text, formatKey(key)), '');
}

function formatKey(key: PropertyKey): string {
  if (typeof key === 'number') return `[${key}]`;
  const name = String(key);
  return /^[\w$.]+$/.test(name) ? name : `['${name}']`;
}

function join(base: string, key: string): string {
  return base === '' || key.startsWith('[') ? `${base}${key}` : `${base}.${key}`;
}
