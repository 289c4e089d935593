import { expect } from 'vitest';
import { reportMatchers } from './report-matchers.ts';

export { type RunFixturesOptions, runFixtures } from '../commands/run-fixtures.ts';
export { reportMatchers } from './report-matchers.ts';

/** What importing `crossbpf/vitest` adds to `expect(report)`. */
interface ReportMatchers<R = unknown> {
  /** Every target was had, and nothing differs that the fixtures do not declare. */
  toBeAsExpected(): R;
  /** A program is accepted on a target. */
  toAccept(program: string, target: string): R;
  /** A program is rejected on a target, for a reason that matches. */
  toReject(program: string, target: string, reason?: RegExp): R;
}

declare module 'vitest' {
  interface Matchers<R extends void | Promise<void> = void | Promise<void>, T = unknown>
    extends ReportMatchers<R> {}
}

expect.extend(reportMatchers);
