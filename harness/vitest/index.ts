import { expect } from 'vitest';
import { reportMatchers } from './report-matchers.ts';
import { scenarioMatchers } from './scenario-matchers.ts';

export { type RunFixturesOptions, runFixtures } from '../commands/run-fixtures.ts';
export { reportMatchers } from './report-matchers.ts';
export { scenarioMatchers } from './scenario-matchers.ts';

/** What importing `crossbpf/vitest` adds to `expect(report)`. */
interface ReportMatchers<R = unknown> {
  /** Every target was had, and nothing differs that the fixtures do not declare. */
  toBeAsExpected(): R;
  /** A program is accepted on a target. */
  toAccept(program: string, target: string): R;
  /** A program is rejected on a target, for a reason that matches. */
  toReject(program: string, target: string, reason?: RegExp): R;
  /** A step of a scenario returns a value, by number or by name: `XDP_PASS`. */
  toReturnFrom(step: string, what: { retval: string | number; target: string }): R;
  /** A map or a global variable holds a value at the end, which is matched as in a scenario’s `expect`. */
  toHold(name: string, what: { value: unknown; target: string }): R;
}

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown>
    extends ReportMatchers<R> {}
}

expect.extend({ ...reportMatchers, ...scenarioMatchers });
