import type {
  Report,
  ReportedDivergence,
  ReportedFixture,
  ReportedProgram,
} from '../report-schema.ts';
import { programsOf } from './rows.ts';

/** Why a row differs, in one line: `may-goto: rejected up to 6.1.192: unknown opcode e5`. */
export function explainDivergence(report: Report, divergence: ReportedDivergence): string {
  const subject = subjectName(report, divergence);
  switch (divergence.field) {
    case 'verdict':
      return `${subject}: ${explainVerdict(report, divergence)}`;
    case 'reason':
      return `${subject}: ${explainReason(report, divergence)}`;
    case 'kernelLog':
      return `${subject}: the kernel warned: ${explainReason(report, divergence)}`;
  }
}

function subjectName(report: Report, { fixture: id, subject }: ReportedDivergence): string {
  const fixture = report.fixtures.find(each => each.id === id);
  const only = fixture === undefined || programsOf(fixture).length < 2 || subject === id;
  return only ? id : `${id} › ${subject}`;
}

const PARTICIPLE = {
  reject: 'rejected',
  unsupported: 'not supported',
  accept: 'accepted',
} as const;

function explainVerdict(report: Report, divergence: ReportedDivergence): string {
  const fixture = report.fixtures.find(each => each.id === divergence.fixture);
  const groups = [...Map.groupBy(Object.entries(divergence.values), ([, verdict]) => verdict)]
    .filter(([verdict]) => verdict !== 'accept')
    .map(([verdict, entries]) => ({ verdict, targets: entries.map(([target]) => target) }));
  const parts = groups.map(({ verdict, targets }) => {
    const where = describeTargets(report, targets, Object.keys(divergence.values));
    const reason = reasonOn(fixture, divergence.subject, targets.at(-1));
    return `${PARTICIPLE[verdict as ReportedProgram['verdict']]} ${where}: ${reason}`;
  });
  const declared = groups.length === 1 && divergence.expected ? divergence.reason : undefined;
  const reason = reasonOn(fixture, divergence.subject, groups[0]?.targets.at(-1));
  return declared === undefined ? parts.join('; ') : `${declared}: ${reason}`;
}

/** The values with the targets that agree on them: `5.10.262 to 6.1.192: … · since 6.12.107: …`. */
function explainReason(report: Report, { values }: ReportedDivergence): string {
  return [...Map.groupBy(Object.entries(values), ([, value]) => value)]
    .map(([value, entries]) => {
      const targets = entries.map(([target]) => target);
      return `${describeTargets(report, targets, Object.keys(values))}: ${value}`;
    })
    .join(' · ');
}

function reasonOn(fixture: ReportedFixture | undefined, program: string, target = ''): string {
  return fixture?.results[target]?.programs[program]?.reason ?? 'no reason was given';
}

/** `up to 6.1.192`, `since 6.18.32`, `on 6.1.192`: targets as a range of those that were compared. */
export function describeTargets(
  report: Report,
  targets: readonly string[],
  compared: readonly string[],
): string {
  const order = report.targets.map(({ id }) => id).filter(id => compared.includes(id));
  const places = targets.map(target => order.indexOf(target)).sort((a, b) => a - b);
  const first = places[0] ?? 0;
  const last = places.at(-1) ?? 0;
  const names = places.map(place => versionName(report, order[place] ?? ''));
  const contiguous = last - first + 1 === places.length;
  if (places.length === order.length) return 'everywhere';
  if (!contiguous || places.length === 1)
    return oneOrMore(names, { first, last, of: order.length });
  if (first === 0) return `up to ${names.at(-1)}`;
  return last === order.length - 1 ? `since ${names[0]}` : `on ${names[0]} to ${names.at(-1)}`;
}

function oneOrMore(names: readonly string[], place: { first: number; last: number; of: number }) {
  const [only] = names;
  if (names.length > 1) return `on ${names.join(', ')}`;
  if (place.of > 2 && place.first === 0) return `up to ${only}`;
  return place.of > 2 && place.last === place.of - 1 ? `since ${only}` : `on ${only}`;
}

function versionName(report: Report, target: string): string {
  const found = report.targets.find(each => each.id === target);
  const same = report.targets.filter(each => each.upstream === found?.upstream);
  return same.length === 1 ? (found?.upstream ?? target) : target;
}
