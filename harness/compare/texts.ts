import { formatWhole, type Node } from './node.ts';

/** Longer values are cut to what tells them apart. */
const MAX_TEXT = 64;
/** Of a long value, how much of what is the same is shown before the first difference. */
const CONTEXT = 12;

/**
 * Values as short text, in their order. Those that are cut show the place where they begin to differ, so
 * that values which differ never look the same. Bytes are cut between bytes, with the offset:
 * `60 bytes, from 22: 4011b7cb…`. What is not there is `absent`.
 */
export function shortTexts(nodes: readonly (Node | undefined)[]): string[] {
  const whole = nodes.map(formatWhole);
  if (whole.every(text => text.length <= MAX_TEXT)) return whole;
  const long = whole.filter(text => text.length > CONTEXT);
  return long.every(isHex)
    ? whole.map(text => (text.length > CONTEXT ? cutHex(text, commonLength(long)) : text))
    : whole.map(text => cutText(text, commonLength(long)));
}

export function shortText(node: Node | undefined): string {
  return shortTexts([node])[0] ?? '';
}

/** A text that is not longer than a report shows it; of a long one what follows what is `common` to several. */
export function cutText(text: string, common = 0): string {
  if (text.length <= MAX_TEXT) return text;
  const from = common + CONTEXT < MAX_TEXT || common === text.length ? 0 : common - CONTEXT;
  const part = text.slice(from, from + MAX_TEXT - 2);
  const end = from + part.length < text.length ? '…' : '';
  return `${from > 0 ? '…' : ''}${part}${end}`;
}

/** `0x` and two digits a byte. */
function cutHex(text: string, common: number): string {
  const bytes = (text.length - 2) / 2;
  const from = common === text.length ? 0 : Math.floor((common - 2) / 2);
  const part = text.slice(2 + 2 * from, 2 + 2 * from + MAX_TEXT / 2);
  const end = 2 * from + part.length < text.length - 2 ? '…' : '';
  if (part === '') return `${bytes} bytes, the same so far`;
  return from === 0
    ? `${bytes} bytes: ${part}${end}`
    : `${bytes} bytes, from ${from}: ${part}${end}`;
}

function isHex(text: string): boolean {
  return /^0x([0-9a-f]{2})+$/i.test(text);
}

/** How far all texts are the same. */
function commonLength(texts: readonly string[]): number {
  const [first = ''] = texts;
  let length = 0;
  while (length < first.length && texts.every(text => text[length] === first[length])) length += 1;
  return length;
}
