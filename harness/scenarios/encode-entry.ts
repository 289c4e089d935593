import type { InspectedMap } from '../agent/inspected-object.ts';
import { badValue } from '../values/bad-value.ts';
import { decodeValue } from '../values/decode-value.ts';
import { encodeValue } from '../values/encode-value.ts';
import { fromHex } from '../values/hex.ts';
import type { Json } from '../values/json.ts';
import type { Layout } from '../values/layout.ts';
import { decodeLpmKey, encodeLpmKey } from '../values/lpm-key.ts';
import { mapAccess } from './map-access.ts';

/** The key of a map as hex digits; null for a map without keys. Errors name the path. */
export function encodeKey(map: InspectedMap, key: unknown, path: string): string | null {
  const { hasKey } = mapAccess(map);
  if (!hasKey && key !== undefined) throw badValue(path, `a map of type ${map.type} has no key`);
  if (!hasKey) return null;
  if (key === undefined) throw badValue(path, `it is missing (the key in ${map.name})`);
  return keyBytes(map, key, path).toString('hex');
}

function keyBytes(map: InspectedMap, key: unknown, path: string): Buffer {
  const { type, key: layout, keySize: size } = map;
  if (type !== 'lpm_trie' || typeof key !== 'string')
    return encodeValue(key, layout, { size, path });
  return encodeLpmKey(key, { size, path, order: prefixOrder(layout) });
}

/** The value of a map as hex digits: one for all processors, or one for each. Errors name the path. */
export function encodeValues(map: InspectedMap, value: unknown, path: string): string[] {
  const { value: layout, valueSize: size } = map;
  const encode = (one: unknown, at: string) =>
    encodeValue(one, layout, { size, path: at }).toString('hex');
  if (!mapAccess(map).isPerCpu || !isPerCpuList(value, layout)) return [encode(value, path)];
  if (value.length === 0) throw badValue(path, 'a value for each processor, but there is none');
  return value.map((one, cpu) => encode(one, `${path}[${cpu}]`));
}

/** Of an array's values a list of lists is one for each processor, and a list of others is one array. */
export function isPerCpuList(value: unknown, layout: Layout | null): value is readonly unknown[] {
  if (!Array.isArray(value)) return false;
  return layout?.kind !== 'array' || value.some(each => Array.isArray(each));
}

/** How a record of a buffer lies in memory; the values of a perf buffer's map are no records, but descriptors. */
export function recordLayout({ type, value }: InspectedMap): Layout | null {
  return type === 'ringbuf' ? value : null;
}

/** A map's key as reports show it, from hex digits; null for none. */
export function decodeKey(map: InspectedMap, key: string | null): Json {
  if (key === null) return null;
  const bytes = Buffer.from(key, 'hex');
  if (map.type === 'lpm_trie') return decodeLpmKey(bytes, prefixOrder(map.key));
  return decodeValue(bytes, map.key);
}

/** A map's value as reports show it: a per-CPU one is a list of one for each processor. */
export function decodeValues(map: InspectedMap, values: readonly string[]): Json {
  const decoded = values.map(value => decodeValue(Buffer.from(value, 'hex'), map.value));
  return mapAccess(map).isPerCpu ? decoded : (decoded[0] ?? null);
}

function prefixOrder(layout: Layout | null): 'big' | undefined {
  const first = layout?.kind === 'struct' ? layout.members[0]?.layout : undefined;
  return first?.kind === 'int' ? first.order : undefined;
}

/** Hex digits of bytes that the schema gives as `0x…`. */
export function hexDigits(bytes: string): string {
  return (fromHex(bytes) ?? Buffer.alloc(0)).toString('hex');
}
