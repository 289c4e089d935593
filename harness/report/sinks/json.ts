/** Within a string JSON leaves them as they are, and a terminal acts on them. */
const DANGEROUS = /[\u007f-\u009f\p{Cf}\p{Zl}\p{Zp}]/gu;

/**
 * A document as JSON, whose strings hold nothing that a terminal acts on, and no `##[` for
 * GitHub's runner. It parses to the same values.
 */
export function jsonText(value: unknown, indent = 2): string {
  return `${JSON.stringify(value, null, indent)}\n`
    .replaceAll(DANGEROUS, escapeCharacter)
    .replaceAll('##[', '##\\u005b');
}

function escapeCharacter(character: string): string {
  const units = Array.from({ length: character.length }, (_, at) => character.charCodeAt(at));
  return units.map(unit => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
