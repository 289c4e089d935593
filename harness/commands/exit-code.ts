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

/**
 * A missing answer outweighs a difference: what differs is not fully known without it. Where all that is missing was
 * asked for wrongly (an object on the wrong platform, a fixture that does not compile), that is usage.
 */
export function exitCodeFor({ summary, targets, fixtures }: Report): number {
  const lost = summary.infrastructure > 0 || targets.some(target => target.error !== undefined);
  const codes = [
    ...targets.flatMap(({ error }) => (error === undefined ? [] : [error.code])),
    ...fixtures.flatMap(({ results }) =>
      Object.values(results).flatMap(each => (each.status === 'infra' ? [each.error.code] : [])),
    ),
  ];
  if (lost && codes.length > 0 && codes.every(code => code.startsWith('USAGE_'))) return EXIT.usage;
  if (lost) return EXIT.infrastructure;
  if (summary.broken > 0) return EXIT.usage;
  return summary.unexpected > 0 ? EXIT.different : EXIT.asExpected;
}
