import { nearest } from '../config/nearest.ts';
import { CrossbpfError } from '../crossbpf-error.ts';
import { writeBits } from '../values/bits.ts';
import { parseIpAddress } from '../values/ip-address.ts';

/** A field of a header in the order of the wire: a number of so many bits, or an address. */
export interface Field {
  readonly name: string;
  readonly bits: number;
  readonly kind?: 'mac' | 'ipv4' | 'ipv6';
}

/** The fields of a protocol's header, and what else its layer can be given. */
export interface Header {
  readonly name: string;
  readonly fields: readonly Field[];
  readonly others?: readonly string[];
}

export function number(name: string, bits: number): Field {
  return { name, bits };
}

export function address(name: string, kind: 'mac' | 'ipv4' | 'ipv6'): Field {
  return { name, bits: { mac: 48, ipv4: 32, ipv6: 128 }[kind], kind };
}

/** Refuses fields that the header does not have, and values that do not fit, where the user wrote them. */
export function checkFields(header: Header, given: object): void {
  const known = [...header.fields.map(({ name }) => name), ...(header.others ?? [])];
  for (const [name, value] of Object.entries(given)) {
    const field = header.fields.find(one => one.name === name);
    if (field !== undefined && value !== undefined) encodeField(header.name, field, value);
    if (known.includes(name)) continue;
    const close = nearest(name, known);
    throw badPacket(`${header.name} has no field ${name}`, close && `Did you mean ${close}?`);
  }
}

/** The bytes of a header. Fields without a value are zero. */
export function packHeader(header: Header, values: Readonly<Record<string, unknown>>): Buffer {
  const bits = header.fields.reduce((sum, field) => sum + field.bits, 0);
  const bytes = Buffer.alloc(bits / 8);
  let start = 0;
  for (const field of header.fields) {
    const value = encodeField(header.name, field, values[field.name] ?? 0);
    writeBits(bytes, { start, size: field.bits, order: 'big' }, value);
    start += field.bits;
  }
  return bytes;
}

/** What a user gave, without what was left undefined, so that it can be laid over defaults. */
export function definedFields<T extends object>(given: T): Partial<T> {
  const defined = Object.entries(given).filter(([, value]) => value !== undefined);
  return Object.fromEntries(defined) as Partial<T>;
}

export function badPacket(message: string, hint?: string): CrossbpfError {
  return new CrossbpfError({
    code: 'USAGE_BAD_PACKET',
    message,
    ...(hint === undefined ? {} : { hint }),
  });
}

function encodeField(layer: string, field: Field, value: unknown): bigint {
  const { name, bits, kind } = field;
  if (typeof value === 'string' && kind !== undefined) {
    const bytes = kind === 'mac' ? parseMac(value) : parseIpAddress(value);
    if (bytes?.length === bits / 8) return BigInt(`0x${bytes.toString('hex')}`);
  }
  if (value === 0 || kind === undefined) return encodeNumber(`${layer}.${name}`, bits, value);
  const example = { mac: '02:00:00:00:00:01', ipv4: '10.0.0.1', ipv6: 'fd00::1' }[kind];
  throw badPacket(`${layer}.${name}: expected an address such as ${example}, got ${String(value)}`);
}

function encodeNumber(path: string, bits: number, value: unknown): bigint {
  const number = typeof value === 'boolean' ? Number(value) : value;
  const most = 2 ** bits - 1;
  if (typeof number === 'number' && Number.isInteger(number) && number >= 0 && number <= most) {
    return BigInt(number);
  }
  const given = JSON.stringify(value) ?? String(value);
  throw badPacket(`${path}: ${given} does not fit ${bits} bits (0 to ${most})`);
}

function parseMac(text: string): Buffer | undefined {
  const wellFormed = /^[0-9a-f]{2}([:-][0-9a-f]{2}){5}$/i.test(text);
  return wellFormed ? Buffer.from(text.replace(/[:-]/g, ''), 'hex') : undefined;
}
