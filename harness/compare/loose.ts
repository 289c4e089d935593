import type { Fixture } from '../fixtures/fixture.ts';
import { expectationsOf } from './expectations.ts';
import { isLoose } from './matcher.ts';

/**
 * The steps, maps and variables whose values a scenario leaves open, since they may be ignored, or are
 * expected to be within bounds or to match a pattern. What they are in one run says nothing of the next.
 */
export function looseSubjects(fixture: Fixture): string[] {
  const { maps, variables, steps } = fixture.scenario?.scenario.compare ?? {};
  const named = (kind: string, rules: object = {}) =>
    Object.keys(rules).map(name => `${kind} ${name}`);
  const ignored = [...named('map', maps), ...named('variable', variables), ...named('step', steps)];
  const open = expectationsOf(fixture)
    .filter(({ field, matcher }) => VALUES.includes(field) && isLoose(matcher))
    .map(({ subject }) => subject);
  return [...new Set([...ignored, ...open])].sort();
}

const VALUES: readonly string[] = ['retval', 'dataOut', 'value'];
