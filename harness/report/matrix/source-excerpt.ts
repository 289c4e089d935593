import type { Colors } from '../colors.ts';
import type { ReportedSource } from '../report-schema.ts';

type Location = NonNullable<ReportedSource['at']>;
type Step = ReportedSource['steps'][number];

export interface ExcerptStyle {
  readonly colors: Colors;
  /** The kernel that the steps are of. */
  readonly on: string;
  /** Characters in a line: what is known of registers is cut there. Infinite where lines may be long. */
  readonly width: number;
}

/** A state begins no further to the right than here, so that one long instruction does not push all away. */
const MAX_TEXT = 40;

/** The source line of a rejection with its column marked, and the last instructions before it, as lines. */
export function renderSource(source: ReportedSource, style: ExcerptStyle): string[] {
  return [...renderPlace(source, style), ...renderSteps(source, style)];
}

function renderPlace({ at, function: name, insn }: ReportedSource, { colors }: ExcerptStyle) {
  const inside = name === '' ? '' : `  in function ${name}`;
  if (at === null) return [`    instruction ${insn}${inside}`];
  const place = [at.file, at.line, ...(at.column > 0 ? [at.column] : [])].join(':');
  return [`    ${colors.cyan(place)}${inside}`, ...renderLine(at, colors)];
}

function renderLine({ line, column, text }: Location, colors: Colors): string[] {
  if (text.trim() === '') return [];
  const number = String(line);
  const code = text.trim().replaceAll('\t', ' ');
  const lines = [`    ${colors.dim(`${number} |`)} ${code}`];
  const marked = columnIn(text, column);
  if (marked === undefined) return lines;
  const margin = colors.dim(`${' '.repeat(number.length)} |`);
  return [...lines, `    ${margin} ${' '.repeat(marked)}${colors.red('^')}`];
}

/** Where a column is in a line without its margin: compilers count bytes, from 1. */
function columnIn(text: string, column: number): number | undefined {
  const before = Buffer.from(text)
    .subarray(0, Math.max(0, column - 1))
    .toString();
  const margin = text.length - text.trimStart().length;
  const at = before.length - margin;
  return column > 0 && at >= 0 && before.length < text.trimEnd().length ? at : undefined;
}

function renderSteps(
  { insn, steps }: ReportedSource,
  { colors, on, width }: ExcerptStyle,
): string[] {
  if (steps.length === 0) return [];
  const numberWidth = Math.max(...steps.map(step => String(step.insn).length));
  const textWidth = Math.min(MAX_TEXT, Math.max(...steps.map(step => step.text.length)));
  const lines = steps.map((step, index) => {
    const isLast = index === steps.length - 1;
    const sign = isLast && step.insn === insn ? colors.red('>') : ' ';
    const number = String(step.insn).padStart(numberWidth);
    const said = renderState(step);
    if (said === '') return `  ${sign} ${colors.dim(number)}  ${step.text}`;
    const text = step.text.padEnd(textWidth);
    const state = cut(said, width - `    ${number}  ${text}  `.length);
    return `  ${sign} ${colors.dim(number)}  ${text}  ${colors.dim(state)}`;
  });
  return [`    ${colors.dim(`the verifier's last steps on ${on}:`)}`, ...lines];
}

function cut(text: string, width: number): string {
  return text.length > width ? `${text.slice(0, Math.max(0, width - 1))}…` : text;
}

function renderState({ state }: Step): string {
  return Object.entries(state)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ');
}
