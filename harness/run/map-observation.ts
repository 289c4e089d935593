import type { InspectedObject } from '../agent/inspected-object.ts';
import type { DumpReply, WireEntry } from '../agent/play-messages.ts';
import type { BoundDump } from '../scenarios/bound-scenario.ts';
import { decodeValue } from '../values/decode-value.ts';
import type { EntryObservation, MapObservation } from './observation.ts';
import { decodeEntry } from './step-observation.ts';

/** What a map held at the end. */
export function observeMap(
  { map, isSection }: BoundDump,
  reply: DumpReply,
  object: InspectedObject,
): MapObservation {
  const { ok, errno, message, entries } = reply;
  if (!ok) return { kind: 'unreadable', message: message || (errno ?? 'it could not be read') };
  const decode = (entry: WireEntry): EntryObservation =>
    isSection ? decodeSection(object, map.name, entry) : decodeEntry(map, entry);
  return { kind: 'entries', entries: entries.map(decode) };
}

/** Global variables by name. */
function decodeSection(
  { sections }: InspectedObject,
  name: string,
  { values }: WireEntry,
): EntryObservation {
  const bytes = Buffer.from(values[0] ?? '', 'hex');
  const variables = sections.find(section => section.name === name)?.variables ?? [];
  const value = Object.fromEntries(
    variables.map(({ name: variable, offset, size, layout }) => [
      variable,
      decodeValue(bytes.subarray(offset, offset + size), layout),
    ]),
  );
  return { key: null, value };
}
