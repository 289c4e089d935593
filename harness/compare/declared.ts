import { parseTargetRange } from '../config/target-range.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { type Fixture, madeForms, programNames } from '../fixtures/fixture.ts';
import { OBJECT } from './expectations.ts';

/**
 * Fails for a directive of a source that can never hold: one for a program that the object does not have, or
 * with a range that cannot be read.
 *
 * @throws CrossbpfError `USAGE_BAD_DIRECTIVE`.
 */
export function checkDeclarations(fixture: Fixture): void {
  const programs = programNames(fixture);
  const isNowhere = madeForms(fixture).length === 0;
  for (const declared of fixture.declared) {
    parseTargetRange(declared.range);
    if (isNowhere || [...programs, OBJECT].includes(declared.program)) continue;
    throw new CrossbpfError({
      code: 'USAGE_BAD_DIRECTIVE',
      message: `no program ${declared.program} in this fixture`,
      file: `${fixture.file}:${declared.line}`,
      hint: `It has ${programs.join(', ')}.`,
    });
  }
}
