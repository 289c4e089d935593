import type { Fixture } from '../fixtures/fixture.ts';
import { findLine } from '../scenarios/find-line.ts';

/** Where something is declared: a line of the source, or a part of the scenario. */
export type Place =
  | { readonly kind: 'source'; readonly line: number }
  | { readonly kind: 'scenario'; readonly path: string };

/** `fixtures/loop.bpf.c:4`, `fixtures/loop.scenario.ts:12 (steps[0].expect.retval)`. */
export function describePlace({ file, scenario }: Fixture, place: Place): string {
  if (place.kind === 'source') return `${file}:${place.line}`;
  const line = findLine(scenario?.text ?? '', place.path);
  return `${scenario?.file}${line === undefined ? '' : `:${line}`} (${place.path})`;
}
