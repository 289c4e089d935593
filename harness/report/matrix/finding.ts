import { stripVTControlCharacters } from 'node:util';

/** Something that is said below the matrix. */
export interface Finding {
  /** One sentence, which stands alone. */
  readonly text: string;
  /** What there is of it in particular: the places of a value. */
  readonly details: readonly string[];
  /** How many more there are that the report does not have. */
  readonly more?: number;
}

/** More details than these fill a screen; the report has them all. */
const MAX_DETAILS = 10;

export interface FindingStyle {
  /** The sign before the text, with its colour. */
  readonly sign: string;
  /** Characters in a line; infinite where lines are not broken: then each finding is one line. */
  readonly width: number;
}

/** A finding as lines. Where lines are broken, further ones are indented below the first. */
export function renderFinding(finding: Finding, { sign, width }: FindingStyle): string[] {
  const { text, details, more = 0 } = finding;
  if (width === Number.POSITIVE_INFINITY) {
    const all = [...details, ...(more > 0 ? [`… and ${more} more`] : [])];
    return [`${sign} ${text}${all.length === 0 ? '' : `: ${all.join('; ')}`}`];
  }
  const shown = details.slice(0, MAX_DETAILS);
  const hidden = details.length - shown.length + more;
  const rest = hidden > 0 ? [`… and ${hidden} more (see --reporter json)`] : [];
  return [
    ...wrapLine(`${sign} ${text}`, width, 4),
    ...[...shown, ...rest].flatMap(detail => wrapLine(`    ${detail}`, width, 8)),
  ];
}

/** Breaks a line between words; further lines are indented. */
function wrapLine(line: string, width: number, indent: number): string[] {
  const lines: string[] = [];
  const [, start = '', rest = ''] = /^( *)(.*)$/s.exec(line) ?? [];
  let current = start;
  for (const word of rest.split(' ')) {
    const longer = current.trim() === '' ? current + word : `${current} ${word}`;
    if (stripVTControlCharacters(longer).length <= width || current.trim() === '') current = longer;
    else {
      lines.push(current);
      current = ' '.repeat(indent) + word;
    }
  }
  return [...lines, current];
}
