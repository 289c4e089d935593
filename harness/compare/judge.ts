import { type Case, type Said, saidOf } from './answers.ts';
import { describeDeclared } from './describe-declared.ts';
import type { ComparedTarget, Divergence, ExpectedField } from './divergence.ts';
import { type Expectation, expectationsOn } from './expectations.ts';
import { addresses, mismatches } from './match.ts';
import type { Path } from './node.ts';
import type { Fact } from './observed.ts';
import { describePlace } from './place.ts';

/** Whether a difference is declared, and in which words and where. */
export type Judgement = Pick<Divergence, 'expected' | 'reason' | 'declaredAt'>;

/** The place of a value at which targets differ. */
export interface Differing {
  readonly said: readonly Said[];
  readonly path: Path;
}

/**
 * A difference is expected when each target in it is as an expectation of that very place says; a step may succeed
 * without one.
 */
export function judge(compared: Case, { said, path }: Differing): Judgement {
  const found = said.map(each => whatHolds(compared, each, path));
  if (found.includes(undefined)) return { expected: false };
  const held = found.filter(each => each !== undefined && each !== 'by default');
  const told = toTell([...new Set(held)]);
  const [first] = told;
  if (first === undefined) return { expected: true };
  const declaredAt = describePlace(compared.fixture, first.place);
  return { expected: true, reason: describeDeclared(told, path), declaredAt };
}

/** Of declared verdicts those of one kind are told that are not the usual one. */
function toTell(held: readonly Expectation[]): readonly Expectation[] {
  if (!held.some(each => each.field === 'verdict')) return held;
  const against = held.filter(each => each.matcher !== 'accept');
  return against.filter(each => each.matcher === against[0]?.matcher);
}

/**
 * What declares the same in other words: who declares that a program is rejected does not mind with which reason, and who
 * declares an error or a reason declares that it is rejected.
 */
const STAND_INS: Readonly<Partial<Record<ExpectedField, readonly ExpectedField[]>>> = {
  reason: ['verdict', 'errno'],
  verdict: ['reason', 'errno'],
  errno: ['message'],
};

/** What says that a fact may be as it is; undefined where nothing does. */
function whatHolds(compared: Case, said: Said, path: Path): Expectation | 'by default' | undefined {
  const { target, fact } = said;
  const { subject, field } = fact;
  const own = expectationsAbout(compared, subject, { field, target });
  if (own.length > 0) {
    return own.find(each => addresses(each.matcher, path) && holdsAt(each, fact, path));
  }
  for (const other of STAND_INS[field] ?? []) {
    const about = expectationsAbout(compared, subject, { field: other, target });
    if (about.length === 0) continue;
    const told = saidOf(compared, subject, other).find(each => each.target === target);
    return told && about.find(each => failuresOf(each, told.fact).length === 0);
  }
  return isUsual(fact) ? 'by default' : undefined;
}

/** What every step is expected to come to. Verdicts are declared on both sides of a difference. */
function isUsual({ field, node, subject }: Fact): boolean {
  return field === 'errno' && subject.startsWith('step ') && node === 'ok';
}

function holdsAt(expectation: Expectation, fact: Fact, path: Path): boolean {
  return failuresOf(expectation, fact).every(mismatch => !overlap(mismatch.path, path));
}

/** Where a fact is not as expected. Any of its forms will do. */
export function failuresOf({ matcher }: Pick<Expectation, 'matcher'>, fact: Fact) {
  const fits = (fact.also ?? []).some(node => mismatches(matcher, node).length === 0);
  return fits ? [] : mismatches(matcher, fact.node);
}

function overlap(a: Path, b: Path): boolean {
  const length = Math.min(a.length, b.length);
  return a.slice(0, length).every((step, index) => step === b[index]);
}

/** The expectations of one thing that are about a target. */
export function expectationsAbout(
  { declared }: Pick<Case, 'declared'>,
  subject: string,
  { field, target }: { readonly field: ExpectedField; readonly target: ComparedTarget },
): Expectation[] {
  const ofSubject = declared.filter(each => each.subject === subject);
  return expectationsOn(ofSubject, target).filter(each => each.field === field);
}
