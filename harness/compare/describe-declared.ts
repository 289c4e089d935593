import type { Expectation } from './expectations.ts';
import { describeMatcher } from './matcher.ts';
import { keyStep, memberStep, type Path } from './node.ts';

const PARTICIPLES: Readonly<Record<string, string>> = {
  ...{ accept: 'accepted', reject: 'rejected', unsupported: 'not supported' },
};

/** Declarations in words: `rejected before 5.17`, `7 before 6.1, 9 since 6.1`, `at least 1`. */
export function describeDeclared(declared: readonly Expectation[], path: Path): string {
  const byWords = Map.groupBy(declared, each => describeExpected(each, path));
  return [...byWords]
    .map(([words, same]) => {
      const ranges = new Set(same.map(({ on }) => on.flat().map(describeRange).join(', ')));
      return ranges.has('') ? words : `${words} ${[...ranges].join(', ')}`;
    })
    .join(', ');
}

function describeExpected({ field, matcher }: Expectation, path: Path): string {
  const words = field === 'verdict' ? PARTICIPLES[String(matcher)] : undefined;
  return words ?? describeAt(matcher, path);
}

/** `before 5.17`, `since 6.1`, `on linux >=6.1.120 <6.2`. */
function describeRange(range: string): string {
  const before = /^linux <\s*([\w.-]+)$/.exec(range)?.[1];
  if (before !== undefined) return `before ${before}`;
  const since = /^linux >=\s*([\w.-]+)$/.exec(range)?.[1];
  return since === undefined ? `on ${range}` : `since ${since}`;
}

/** What is expected at a place of a value. */
function describeAt(matcher: unknown, path: Path): string {
  const [step, ...rest] = path;
  if (step === undefined || typeof matcher !== 'object' || matcher === null) {
    return describeMatcher(matcher);
  }
  if ('contains' in matcher) return describeAt(matcher.contains, path);
  const parts = Array.isArray(matcher)
    ? matcher.flatMap(elementParts)
    : Object.entries(matcher).map(([name, part]): Part => [memberStep(name), part]);
  const part = parts.find(([name]) => name === step);
  return part === undefined ? 'absent' : describeAt(part[1], rest);
}

type Part = readonly [step: string, matcher: unknown];

/** An element of a list by its index, or an entry of a map by its key. */
function elementParts(element: unknown, index: number): Part[] {
  const byIndex: Part = [`[${index}]`, element];
  if (typeof element !== 'object' || element === null || !('key' in element)) return [byIndex];
  return [[keyStep(element.key), 'value' in element ? element.value : undefined], byIndex];
}
