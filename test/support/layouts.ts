import { decodeValue } from '../../harness/values/decode-value.ts';
import { encodeValue } from '../../harness/values/encode-value.ts';
import type { Layout, MemberLayout } from '../../harness/values/layout.ts';

export const int = (bits: number, signed = false): Layout => ({
  kind: 'int',
  size: bits / 8,
  signed,
});
export const u8 = int(8);
export const u32 = int(32);
export const u64 = int(64);
export const s64 = int(64, true);
export const text: Layout = { kind: 'text', size: 8 };
export const color: Layout = {
  kind: 'enum',
  name: 'color',
  size: 4,
  signed: true,
  names: [
    { name: 'RED', value: '0' },
    { name: 'GREEN', value: '1' },
    { name: 'NONE', value: '-1' },
  ],
};
export const list: Layout = { kind: 'array', count: 3, size: 6, element: int(16) };

export function struct(size: number, ...members: MemberLayout[]): Layout {
  return { kind: 'struct', name: 'config', size, members };
}

export function union(size: number, ...members: MemberLayout[]): Layout {
  return { kind: 'union', name: 'either', size, members };
}

export function member(name: string, offset: number, layout: Layout): MemberLayout {
  return { name, offset, layout };
}

export function bitfield(
  name: string,
  at: [byte: number, bit: number, width: number],
  layout: Layout,
) {
  const [offset, bit, size] = at;
  return { name, offset, bits: { offset: bit, size }, layout };
}

/** Values and bytes as hex digits, and what is said of a value that does not fit. */
export const encoded = (value: unknown, layout: Layout | null, size = layout?.size ?? 4) =>
  encodeValue(value, layout, size).toString('hex');
export const decoded = (hex: string, layout: Layout | null) =>
  decodeValue(Buffer.from(hex, 'hex'), layout);
export const refusal = (value: unknown, layout: Layout | null, size = layout?.size ?? 4) => {
  try {
    return encodeValue(value, layout, size).toString('hex');
  } catch (error) {
    return (error as { summary: string }).summary;
  }
};
