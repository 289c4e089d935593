import type { InspectedMap } from '../agent/inspected-object.ts';
import type { WireStep } from '../agent/play-messages.ts';
import { badValue, suggest } from '../values/bad-value.ts';
import { bindRun } from './bind-run.ts';
import { bindAttachTarget, bindTrigger } from './bind-trigger.ts';
import type { AnswerShape, BoundStep, StepNeeds } from './bound-scenario.ts';
import { encodeKey, encodeValues } from './encode-entry.ts';
import { mapAccess } from './map-access.ts';
import type { ObjectNames } from './object-names.ts';
import type { ScenarioFiles } from './scenario-files.ts';
import { MAX_TEXT_BYTES, type Step, type StepOf } from './step-schemas.ts';

/** What a step is held against, and what the steps before it have left. */
export interface StepContext {
  readonly names: ObjectNames;
  readonly files: ScenarioFiles;
  /** Attachments that are in place. */
  readonly attached: Set<string>;
}

/** What of a step depends on its kind. */
export type StepBinding = Pick<BoundStep, 'wire' | 'needs' | 'answer'>;

const NOTHING = { kind: 'nothing' } as const;
const FLAGS = { any: 0, noexist: 1, exist: 2 } as const;
/** A step as it is sent. Fails with CrossbpfError `USAGE_BAD_VALUE`; `path` is where the step is: `steps[3]`. */
export function bindStep(step: Step, context: StepContext, path: string): StepBinding {
  if ('run' in step) return bindRun(step, context.names, path);
  if ('attach' in step) return bindAttach(step, context, path);
  if ('detach' in step) return bindDetach(step, context, path);
  if ('trigger' in step) {
    const event = bindTrigger(step.trigger, context.files, `${path}.trigger`);
    return { wire: { kind: 'trigger', event }, needs: NOTHING, answer: { kind: 'trigger' } };
  }
  if ('read' in step) return bindRead(step, context, path);
  return bindMapStep(step, context.names, path);
}

function bindAttach(step: StepOf<'attach'>, context: StepContext, path: string): StepBinding {
  const { attach: subject, as = subject, to } = step;
  const { names, files, attached } = context;
  const functions = names.functionsOf(subject);
  const needs: StepNeeds =
    functions === undefined
      ? { kind: 'program', program: names.program(subject, `${path}.attach`).name }
      : { kind: 'programs', programs: functions };
  if (attached.has(as)) {
    throw badValue(path, `${as} is attached already`, 'Give one of them another name: as.');
  }
  attached.add(as);
  if (to !== undefined && 'map' in to) names.map(to.map, `${path}.to.map`);
  const target = to === undefined ? null : bindAttachTarget(to, files, `${path}.to`);
  return { wire: { kind: 'attach', program: subject, as, target }, needs, answer: NOTHING };
}

function bindDetach({ detach: as }: StepOf<'detach'>, context: StepContext, path: string) {
  requireAttached(as, context, `${path}.detach`);
  context.attached.delete(as);
  const needs = { kind: 'attachment', as } as const;
  return { wire: { kind: 'detach', as } as const, needs, answer: NOTHING };
}

function requireAttached(as: string, { attached }: StepContext, path: string): void {
  if (attached.has(as)) return;
  const hint = attached.size === 0 ? 'Nothing is attached by then.' : suggest(as, [...attached]);
  throw badValue(path, `no step before it attaches ${as}`, hint);
}

function bindRead(step: StepOf<'read'>, context: StepContext, path: string): StepBinding {
  const { read, max, recordBytes = null } = step;
  if (typeof read === 'string') {
    const map = context.names.map(read, `${path}.read`);
    const { contents, why } = mapAccess(map);
    if (contents === null) throw badValue(`${path}.read`, `${read} ${why}`);
    const answer: AnswerShape =
      contents === 'records' ? { kind: contents, map, size: recordBytes } : { kind: contents, map };
    const wire: WireStep =
      contents === 'records' ? { kind: 'records', map: read, max } : { kind: 'dump', map: read };
    return { wire, needs: { kind: 'map', map: read }, answer };
  }
  const text = { answer: { kind: 'text' }, needs: NOTHING } as const;
  const maxBytes = MAX_TEXT_BYTES;
  if ('trace' in read) return { ...text, wire: { kind: 'trace', maxBytes } };
  requireAttached(read.iterator, context, `${path}.read.iterator`);
  const needs = { kind: 'attachment', as: read.iterator } as const;
  return { ...text, needs, wire: { kind: 'text', as: read.iterator, maxBytes } };
}

type MapStep =
  | StepOf<'lookup'>
  | StepOf<'take'>
  | StepOf<'pop'>
  | StepOf<'update'>
  | StepOf<'delete'>;

function bindMapStep(step: MapStep, names: ObjectNames, path: string): StepBinding {
  const keyAt = `${path}.key`;
  if ('delete' in step) {
    const map = names.map(step.delete, `${path}.delete`);
    const key = encodeKey(map, step.key, keyAt);
    if (key === null) throw badValue(`${path}.delete`, `a map of type ${map.type} has no keys`);
    return ofMap(map, { kind: 'delete', map: map.name, key }, NOTHING);
  }
  if ('update' in step) return bindUpdate(step, names, path);
  if ('pop' in step) {
    const map = mapOfValues(names, step.pop, `${path}.pop`);
    if (!['queue', 'stack'].includes(map.type)) {
      const hint = 'Only a queue or a stack can; take a key from another map.';
      throw badValue(`${path}.pop`, `a map of type ${map.type} cannot pop`, hint);
    }
    return ofMap(map, { kind: 'lookup-delete', map: map.name, key: null }, { kind: 'value', map });
  }
  const [name, at] = 'lookup' in step ? [step.lookup, 'lookup'] : [step.take, 'take'];
  const map = mapOfValues(names, name, `${path}.${at}`);
  if (map.type === 'bloom_filter') {
    throw badValue(`${path}.${at}`, `${name} is a bloom filter, which only programs can ask`);
  }
  const kind = 'lookup' in step ? 'lookup' : 'lookup-delete';
  const key = encodeKey(map, step.key, keyAt);
  return ofMap(map, { kind, map: name, key }, { kind: 'value', map });
}

function bindUpdate(step: StepOf<'update'>, names: ObjectNames, path: string): StepBinding {
  const map = mapOfValues(names, step.update, `${path}.update`);
  const wire = bindEntry(map, step, path);
  return ofMap(map, { ...wire, flags: FLAGS[step.flags] }, NOTHING);
}

/** An entry of a map as it is written; `path` is where `key` and `value` are. */
export function bindEntry(
  map: InspectedMap,
  entry: { readonly key?: unknown; readonly value: unknown },
  path: string,
) {
  const key = encodeKey(map, entry.key, `${path}.key`);
  const values = encodeValues(map, entry.value, `${path}.value`);
  return { kind: 'update', map: map.name, key, values, flags: FLAGS.any } as const;
}

/** A map whose values can be read and written. */
export function mapOfValues(names: ObjectNames, name: string, path: string): InspectedMap {
  const map = names.map(name, path);
  const { hasValues, why } = mapAccess(map);
  if (!hasValues) throw badValue(path, `${name} ${why}`);
  return map;
}

export function ofMap(map: InspectedMap, wire: WireStep, answer: AnswerShape): StepBinding {
  return { wire, needs: { kind: 'map', map: map.name }, answer };
}
