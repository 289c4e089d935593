import { createHash } from 'node:crypto';
import { canonical, formatWhole, MapContents, type Node } from '../compare/node.ts';
import type { ReportedFixture, ReportedResult, ReportedStep } from '../report/report-schema.ts';

/** Longer values are kept as a digest. */
const MAX_TEXT = 60;

/**
 * What came of a scenario on a target, by subject: `step first packet` → `XDP_PASS`, `map counts` → `{53: 7}`.
 * Values that the scenario leaves open are left out.
 */
export function scenarioTexts(
  { loose }: Pick<ReportedFixture, 'loose'>,
  result: ReportedResult,
): ReadonlyMap<string, string> {
  if (result.status !== 'ran') return new Map();
  const steps = result.steps
    .filter(({ status }) => status !== 'skipped')
    .map((step): [string, string] => {
      const subject = `step ${step.name}`;
      return [subject, loose.includes(subject) ? outcomeOf(step) : stepText(step)];
    });
  const maps = Object.entries(result.maps).flatMap(([name, map]): [string, string][] => {
    if (map.kind === 'unreadable') return [];
    const [first] = map.entries;
    if (!name.startsWith('.') || first === undefined) {
      return [[`map ${name}`, valueText(new MapContents(map.entries))]];
    }
    const variables = Object.entries(first.value ?? {});
    return variables.map(([variable, value]) => [`variable ${variable}`, valueText(value as Node)]);
  });
  return new Map([...steps, ...maps.filter(([subject]) => !loose.includes(subject))]);
}

function outcomeOf({ status, errno }: ReportedStep): string {
  return status === 'ok' ? 'ok' : (errno ?? 'failed');
}

function stepText(step: ReportedStep): string {
  if (step.status !== 'ok') return outcomeOf(step);
  const { retval, retvalName, dataOut, value } = step;
  const parts = [
    retvalName ?? retval,
    dataOut === null ? null : `data ${valueText(dataOut)}`,
    value === null ? null : valueText(value),
  ].filter(part => part !== null);
  return parts.length === 0 ? 'ok' : parts.join(', ');
}

/** The value itself where it is short, else how much it is and a digest. */
function valueText(node: Node): string {
  const text = formatWhole(node instanceof MapContents ? inOrder(node) : node);
  if (text.length <= MAX_TEXT) return text;
  const digest = createHash('sha256').update(canonical(node)).digest('hex').slice(0, 12);
  const size = sizeOf(node);
  return `${size === '' ? '' : `${size}, `}sha256 ${digest}`;
}

function inOrder({ entries, isKeyed }: MapContents): MapContents {
  return new MapContents(isKeyed ? entries.toSorted(byKey) : entries);
}

function byKey(a: MapContents['entries'][number], b: MapContents['entries'][number]): number {
  return formatWhole(a.key).localeCompare(formatWhole(b.key), 'en', { numeric: true });
}

function sizeOf(node: Node): string {
  if (node instanceof MapContents) return `${node.entries.length} entries`;
  if (Array.isArray(node)) return `${node.length} elements`;
  return typeof node === 'string' && node.startsWith('0x') ? `${(node.length - 2) / 2} bytes` : '';
}
