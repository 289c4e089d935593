/** Longer names and values fill a screen; the JSON document has all of them. */
const MOST_CHARACTERS = 1000;
const MOST_LINES = 500;

/**
 * What a terminal acts on, or shows in a way that deceives: control characters (C0, DEL, C1), format characters (bidi
 * controls, zero-width ones, tags), separators of lines and paragraphs, and lone surrogates.
 */
const DANGEROUS = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** GitHub's runner takes `##[error]` for a command wherever it is in a line. */
const RUNNER_MARK = /##\[/g;

/**
 * It takes `::error::` for one at the start of a line, behind any blanks; where a line is broken, any word is there. An
 * address of IPv6, `::1` or `::ffff:10.0.0.1`, is none.
 */
const RUNNER_COMMAND = /(^|\s):(?=:(?![0-9a-f]{1,4}(?![\w-]))[\w-])/gi;

/**
 * Foreign text (names from an object, lines of a source, values, file names, what a tool printed) as one line that a
 * terminal only shows, and that GitHub's runner takes for text. What either would act on becomes `\x1b` or `\u202e`.
 * The log of a workflow is a terminal and a runner at once, so that there is one function for both.
 */
export function terminalText(text: string, most = MOST_CHARACTERS): string {
  const shown = text.length > most ? text.slice(0, most) : text;
  const left = text.length - shown.length;
  const safe = shown
    .replaceAll('\t', ' ')
    .replaceAll(DANGEROUS, escapeCharacter)
    .replaceAll(RUNNER_MARK, '##\\x5b')
    .replaceAll(RUNNER_COMMAND, '$1\\x3a');
  return left === 0 ? safe : `${safe}… (${left} more characters)`;
}

/** The same for text of several lines, as a compiler prints it. */
export function terminalLines(text: string): string {
  const lines = text.split(/\r?\n/);
  const shown = lines.slice(0, MOST_LINES).map(line => terminalText(line));
  const left = lines.length - shown.length;
  return [...shown, ...(left === 0 ? [] : [`… (${left} more lines)`])].join('\n');
}

function escapeCharacter(character: string): string {
  const code = (character.codePointAt(0) ?? 0).toString(16);
  if (code.length <= 2) return `\\x${code.padStart(2, '0')}`;
  return code.length <= 4 ? `\\u${code.padStart(4, '0')}` : `\\u{${code}}`;
}
