import { fromHex, toHex } from './hex.ts';

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/**
 * An array of `char` as text: up to its first NUL, where that is printable UTF-8; else all of it as `0x…`.
 * What is after the NUL is left out: the kernel does not clear it.
 */
export function decodeText(bytes: Buffer): string {
  const end = bytes.indexOf(0);
  const used = end < 0 ? bytes : bytes.subarray(0, end);
  const text = printable(used);
  // A text that looks like hex would be read as bytes when it is given back.
  return text === undefined || fromHex(text) !== undefined ? toHex(bytes) : text;
}

function printable(bytes: Buffer): string | undefined {
  try {
    const text = decoder.decode(bytes);
    return /^[^\p{C}]*$/u.test(text.replace(/[\t\n\r]/g, '')) ? text : undefined;
  } catch {
    return undefined;
  }
}
