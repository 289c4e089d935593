/** Bytes in their order in memory, `0x0a000001`. */
export function toHex(bytes: Uint8Array): string {
  return `0x${Buffer.from(bytes).toString('hex')}`;
}

/** The bytes of `0x…` with two digits a byte; undefined for what is not written so. */
export function fromHex(text: string): Buffer | undefined {
  return /^0x([0-9a-f]{2})*$/i.test(text) ? Buffer.from(text.slice(2), 'hex') : undefined;
}
