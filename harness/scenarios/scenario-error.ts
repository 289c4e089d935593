import { CrossbpfError } from '../crossbpf-error.ts';

export interface ScenarioFault {
  /** Relative to the working folder. */
  readonly file: string;
  readonly line?: string | undefined;
  readonly hint?: string | undefined;
  readonly cause?: unknown;
}

/** The error for a scenario that cannot be used; several things that are wrong are said a line each. */
export function badScenario(wrong: string | readonly string[], fault: ScenarioFault) {
  const { file, line, hint, cause } = fault;
  const all = typeof wrong === 'string' ? [wrong] : wrong;
  const [only = ''] = all;
  return new CrossbpfError({
    code: 'USAGE_BAD_SCENARIO',
    message: all.length === 1 ? only : `${all.length} things are wrong in it:`,
    file: line === undefined ? file : `${file}:${line}`,
    ...(all.length === 1 ? {} : { output: all.map(each => `  ${each}`).join('\n') }),
    ...(hint === undefined ? {} : { hint }),
    ...(cause === undefined ? {} : { cause }),
  });
}
