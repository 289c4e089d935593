import type { Colors } from './colors.ts';
import { terminalLines } from './sinks/terminal.ts';

const HEAD = /^(.+?:\d+:\d+: )(fatal error|error|warning|note): (.*)$/;
const MARKER = /^\s*\|\s*[~^][ ~^]*$/;

/** What a compiler said, without colours of its own, in those that clang uses. */
export function formatDiagnostics(text: string, colors: Colors): string {
  return terminalLines(text.trimEnd())
    .split('\n')
    .map(line => paint(line, colors))
    .join('\n');
}

function paint(line: string, colors: Colors): string {
  if (MARKER.test(line)) return colors.green(line);
  const [, place, kind, message] = HEAD.exec(line) ?? [];
  if (place === undefined || kind === undefined || message === undefined) return line;
  const { bold, red, magenta, cyan } = colors;
  const color = { warning: magenta, note: cyan }[kind] ?? red;
  return `${bold(place)}${bold(color(`${kind}:`))} ${bold(message)}`;
}
