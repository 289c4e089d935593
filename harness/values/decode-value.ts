import { readBits } from './bits.ts';
import { toHex } from './hex.ts';
import type { Json } from './json.ts';
import type { Layout, MemberLayout, StructLayout, UnionLayout } from './layout.ts';
import { decodeScalar, isScalar, type ScalarLayout } from './scalar.ts';
import { decodeText } from './text.ts';

/**
 * Bytes as the value that they are by a layout: a struct or union as an object of all its members, an enum by name,
 * an array of `char` as text, a pointer as hex, an integer beyond 2^53 - 1 as a string of its decimal digits. What
 * only the kernel may read is null, and left out of a struct. Padding does not show. Without a layout, or with one
 * for more bytes than there are: `0x…`, in memory's order.
 */
export function decodeValue(bytes: Buffer, layout: Layout | null): Json {
  if (layout === null || layout.size > bytes.length) return toHex(bytes);
  return decodeAt(bytes, layout, 0);
}

function decodeAt(bytes: Buffer, layout: Layout, offset: number): Json {
  switch (layout.kind) {
    case 'struct':
    case 'union':
      return Object.fromEntries(decodeMembers(bytes, layout, offset));
    case 'array': {
      const { count, element } = layout;
      return Array.from({ length: count }, (_, index) =>
        decodeAt(bytes, element, offset + index * element.size),
      );
    }
    case 'text':
      return decodeText(bytes.subarray(offset, offset + layout.size));
    case 'opaque':
      return null;
    default:
      return decodeBits(bytes, layout, { start: offset * 8, size: layout.size * 8 });
  }
}

function decodeMembers(
  bytes: Buffer,
  { members }: StructLayout | UnionLayout,
  offset: number,
): [string, Json][] {
  return members.flatMap(member => {
    const { name, layout } = member;
    const at = offset + member.offset;
    if (layout.kind === 'opaque') return [];
    if (name !== '') return [[name, decodeMember(bytes, member, at)] as [string, Json]];
    const nested = layout.kind === 'struct' || layout.kind === 'union';
    return nested ? decodeMembers(bytes, layout, at) : [];
  });
}

function decodeMember(bytes: Buffer, { bits, layout }: MemberLayout, offset: number): Json {
  if (bits === undefined || !isScalar(layout)) return decodeAt(bytes, layout, offset);
  return decodeBits(bytes, layout, { start: offset * 8 + bits.offset, size: bits.size });
}

function decodeBits(
  bytes: Buffer,
  layout: ScalarLayout,
  range: { start: number; size: number },
): Json {
  return decodeScalar(readBits(bytes, { ...range, order: layout.order }), layout, range.size);
}
