import { badValue, show, suggest } from './bad-value.ts';
import { encodeBytes, hexBytes } from './encode-bytes.ts';
import type {
  ArrayLayout,
  BitsLayout,
  Layout,
  OpaqueLayout,
  StructLayout,
  TextLayout,
  UnionLayout,
} from './layout.ts';
import { encodeScalar, isScalar, type ScalarLayout } from './scalar.ts';
import { blankSketch, drawBits, drawBytes, mergeSketch, type Sketch } from './sketch.ts';

/** Where an encoded value goes. */
export interface Room {
  /** In bytes. */
  readonly size: number;
  /** What messages call the value, `maps.ports[0].key`; by default `value`. */
  readonly path?: string;
}

/**
 * The bytes of a value, as many as the room has.
 *
 * By layout: an integer is a number, a bigint, or a string of decimal digits or of `0x` and hexadecimal ones; an enum
 * a name or a number; an array of `char` a text, which may fill it; a struct an object, of which members that are not
 * given are zero; a union an object of one member, or of several that give the same bytes; an array a list, which may
 * be shorter. Structs, unions, arrays and texts may also be `0x…` with all of their bytes in memory's order. What only
 * the kernel may write is left zero and may be given only as null.
 *
 * Without a layout: `0x…` with all bytes, or an integer of 1, 2, 4 or 8 bytes, little-endian.
 *
 * @throws CrossbpfError `USAGE_BAD_VALUE`: `value.limit: 300 does not fit u8 (0 to 255)`.
 */
export function encodeValue(value: unknown, layout: Layout | null, room: number | Room): Buffer {
  const { size, path = 'value' } = typeof room === 'number' ? { size: room } : room;
  if (layout === null || layout.size > size) return encodeBytes(value, size, path);
  const sketch = blankSketch(size);
  encodeInto(sketch, { layout, offset: 0, path }, value);
  return sketch.bytes;
}

interface Slot<Type extends Layout = Layout> {
  readonly layout: Type;
  /** In bytes from the start of the sketch. */
  readonly offset: number;
  readonly bits?: BitsLayout | undefined;
  readonly path: string;
}

function encodeInto(sketch: Sketch, slot: Slot, value: unknown): void {
  const { layout } = slot;
  if (isScalar(layout)) return encodeNumber(sketch, { ...slot, layout }, value);
  if (layout.kind === 'opaque') return refuseOpaque({ ...slot, layout }, value);
  const bytes = hexBytes(value, layout.size, slot.path);
  if (bytes !== undefined) return drawBytes(sketch, bytes, slot.offset);
  switch (layout.kind) {
    case 'struct':
      return encodeStruct(sketch, { ...slot, layout }, objectOf(value, { ...slot, layout }));
    case 'union':
      return encodeUnion(sketch, { ...slot, layout }, objectOf(value, { ...slot, layout }));
    case 'array':
      return encodeArray(sketch, { ...slot, layout }, value);
    case 'text':
      return encodeText(sketch, { ...slot, layout }, value);
  }
}

function encodeNumber(sketch: Sketch, slot: Slot<ScalarLayout>, value: unknown): void {
  const { layout, offset, bits = { offset: 0, size: layout.size * 8 }, path } = slot;
  const range = { start: offset * 8 + bits.offset, size: bits.size, order: layout.order };
  drawBits(sketch, range, encodeScalar(value, { layout, width: bits.size, path }));
}

function refuseOpaque({ layout, path }: Slot<OpaqueLayout>, value: unknown): void {
  if (value === null) return;
  throw badValue(path, `${layout.name} belongs to the kernel and cannot be set`, 'Leave it out.');
}

function encodeText(sketch: Sketch, { layout, offset, path }: Slot<TextLayout>, value: unknown) {
  const label = `char[${layout.size}]`;
  if (typeof value !== 'string') {
    throw badValue(path, `expected a text (${label}), got ${show(value)}`);
  }
  const text = Buffer.from(value, 'utf8');
  if (text.length > layout.size) {
    throw badValue(path, `${show(value)} has ${text.length} bytes and does not fit ${label}`);
  }
  const end = Buffer.alloc(Math.min(1, layout.size - text.length));
  drawBytes(sketch, Buffer.concat([text, end]), offset);
}

function encodeArray(sketch: Sketch, { layout, offset, path }: Slot<ArrayLayout>, value: unknown) {
  const { count, element } = layout;
  if (!Array.isArray(value)) {
    throw badValue(path, `expected a list of ${count} or hex, got ${show(value)}`);
  }
  if (value.length > count) {
    throw badValue(path, `${value.length} elements do not fit an array of ${count}`);
  }
  for (const [index, item] of value.entries()) {
    const at = { offset: offset + index * element.size, path: `${path}[${index}]` };
    encodeInto(sketch, { layout: element, ...at }, item);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function encodeStruct(sketch: Sketch, slot: Slot<StructLayout>, fields: Fields): void {
  for (const { slot: member, value } of givenMembers(slot, fields)) {
    encodeInto(sketch, member, value);
  }
}

function encodeUnion(sketch: Sketch, slot: Slot<UnionLayout>, fields: Fields): void {
  const names: string[] = [];
  for (const { slot: member, value, name } of givenMembers({ ...slot, offset: 0 }, fields)) {
    const own = blankSketch(slot.layout.size);
    encodeInto(own, member, value);
    names.push(name);
    if (mergeSketch(sketch, own, slot.offset)) continue;
    const message = `${names.join(' and ')} share their bytes in a union and say different things`;
    throw badValue(slot.path, message, 'Give one of them.');
  }
}

/** The members that an object gives, each with its value; an anonymous one with the part of the object that is its own. */
function* givenMembers({ layout, offset, path }: Slot<StructLayout | UnionLayout>, fields: Fields) {
  for (const member of layout.members) {
    const at = { layout: member.layout, offset: offset + member.offset, bits: member.bits };
    const names = namesOf(member);
    const [first] = names;
    if (member.name !== '') {
      const value = Object.hasOwn(fields, member.name) ? fields[member.name] : undefined;
      if (value === undefined) continue;
      yield { name: member.name, slot: { ...at, path: `${path}.${member.name}` }, value };
      continue;
    }
    const own = Object.entries(fields).filter(([name]) => names.includes(name));
    if (first === undefined || own.length === 0) continue;
    const name = own.map(([key]) => key).join(', ');
    yield { name, slot: { ...at, path }, value: Object.fromEntries(own) };
  }
}

function objectOf(value: unknown, { layout, path }: Slot<StructLayout | UnionLayout>): Fields {
  const label = `${layout.kind} ${layout.name || '(anonymous)'}`;
  if (!isRecord(value)) throw badValue(path, `expected an object (${label}), got ${show(value)}`);
  const known = layout.members.flatMap(namesOf);
  const unknown = Object.keys(value).find(name => !known.includes(name));
  if (unknown === undefined) return value;
  throw badValue(path, `${label} has no member ${show(unknown)}`, suggest(unknown, known));
}

function isRecord(value: unknown): value is Fields {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value)
  );
}

/** The names by which a member is given: its own, or those in an anonymous struct or union. */
function namesOf({ name, layout }: { name: string; layout: Layout }): string[] {
  if (name !== '') return [name];
  return layout.kind === 'struct' || layout.kind === 'union' ? layout.members.flatMap(namesOf) : [];
}
