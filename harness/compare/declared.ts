import { matchesTargetRange, parseTargetRange } from '../config/target-range.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import type { DeclaredVerdict, Verdict } from '../fixtures/directives.ts';
import type { Fixture } from '../fixtures/fixture.ts';
import type { ComparedTarget } from './divergence.ts';

/** The declaration of a program's verdict on a target; undefined when the fixture says nothing of it. */
export function declaredVerdict(
  fixture: Fixture,
  program: string,
  target: ComparedTarget,
): DeclaredVerdict | undefined {
  return fixture.declared.find(
    declared => declared.program === program && covers(declared, target),
  );
}

/** Where a declaration stands: `fixtures/loop.bpf.c:4`. */
export function declaredAt(fixture: Fixture, declared: DeclaredVerdict): string {
  return `${fixture.file}:${declared.line}`;
}

const PARTICIPLES = { accept: 'accepted', reject: 'rejected', unsupported: 'not supported' };

/** Declarations of one verdict in words: `rejected before 5.17`, `rejected on linux >=6.1.120 <6.2, since 6.12.2`. */
export function describeDeclared(verdict: Verdict, declared: readonly DeclaredVerdict[]): string {
  const same = declared.filter(each => each.verdict === verdict);
  return `${PARTICIPLES[verdict]} ${same.map(({ range }) => describeRange(range)).join(', ')}`;
}

function describeRange(range: string): string {
  const before = /^linux <\s*([\w.-]+)$/.exec(range)?.[1];
  if (before !== undefined) return `before ${before}`;
  const since = /^linux >=\s*([\w.-]+)$/.exec(range)?.[1];
  return since === undefined ? `on ${range}` : `since ${since}`;
}

/**
 * Fails for a declaration that can never hold: one for a program that the object does not have, or
 * with a range that cannot be read.
 *
 * @throws CrossbpfError `USAGE_BAD_DIRECTIVE`.
 */
export function checkDeclarations(fixture: Fixture): void {
  const programs = fixture.inspected.programs.map(program => program.name);
  for (const declared of fixture.declared) {
    parseTargetRange(declared.range);
    if (programs.includes(declared.program)) continue;
    throw new CrossbpfError({
      code: 'USAGE_BAD_DIRECTIVE',
      message: `no program ${declared.program} in this fixture`,
      file: declaredAt(fixture, declared),
      hint: `It has ${programs.join(', ')}.`,
    });
  }
}

function covers(declared: DeclaredVerdict, { platform, upstream }: ComparedTarget): boolean {
  const range = parseTargetRange(declared.range);
  return matchesTargetRange(range, { platform, upstream });
}
