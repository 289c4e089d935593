import { terminalText } from './terminal.ts';

/** What Markdown would take for its own. */
const SYNTAX = /[\\`*_|[\]~$]/g;
/** What GitHub links: `@user`, `#12`, `https://…`, `www.…`. An empty comment inside keeps it from that. */
const LINKED = /(?<!\w)[@#](?=\w)|:(?=\/\/)|\bwww(?=\.)/gi;

/** Foreign text as one line of GitHub's Markdown, in a cell of a table too: no markup, no HTML, no link, no mention. */
export function markdownText(text: string): string {
  return terminalText(text)
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll(SYNTAX, '\\$&')
    .replaceAll(LINKED, '$&<!-- -->')
    .replaceAll(/\s+/g, ' ');
}
