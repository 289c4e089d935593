import type { CrossbpfError } from '../crossbpf-error.ts';
import type { Report } from '../report/report-schema.ts';

/** What the process says to its caller when it ends. */
export const EXIT = {
  asExpected: 0,
  /** An unexpected divergence, a failed expectation or a regression. */
  different: 1,
  /** Arguments, configuration, a fixture that does not compile or parse. */
  usage: 2,
  /** A target could not be had. */
  infrastructure: 3,
  interrupted: 130,
} as const;

export function exitCodeOf(error: CrossbpfError): number {
  return error.kind === 'usage' ? EXIT.usage : EXIT.infrastructure;
}

/** A missing answer outweighs a difference: what differs is not fully known without it. */
export function exitCodeFor({ summary, targets }: Report): number {
  const lost = summary.infrastructure > 0 || targets.some(target => target.error !== undefined);
  if (lost) return EXIT.infrastructure;
  return summary.unexpected > 0 ? EXIT.different : EXIT.asExpected;
}
