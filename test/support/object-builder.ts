import type { InspectedMap, InspectedObject } from '../../harness/agent/inspected-object.ts';
import type { IntLayout, Layout, StructLayout } from '../../harness/values/layout.ts';

export function int(size: number, signed = false): IntLayout {
  return { kind: 'int', size, signed };
}

/** A struct of members that follow each other without padding. */
export function struct(name: string, members: Readonly<Record<string, Layout>>): StructLayout {
  let size = 0;
  const placed = Object.entries(members).map(([member, layout]) => {
    const offset = size;
    size += layout.size;
    return { name: member, offset, layout };
  });
  return { kind: 'struct', name, size, members: placed };
}

/** A map of u32 to u64, but for what is given. */
export function map(name: string, given: Partial<InspectedMap> = {}): InspectedMap {
  const { key = int(4), value = int(8) } = given;
  return {
    ...{ name, type: 'hash', keySize: key?.size ?? 4, valueSize: value?.size ?? 8, maxEntries: 8 },
    ...{ key, value, innerMap: null },
    ...given,
  };
}

export interface ObjectParts {
  /** By name: the program's type, and the maps that it uses. */
  readonly programs?: Readonly<Record<string, { type?: string; maps?: readonly string[] }>>;
  readonly maps?: readonly InspectedMap[];
  /** Global variables of .bss, by name. */
  readonly variables?: Readonly<Record<string, Layout>>;
}

/** What is known of an object with these parts. */
export function inspectedObject(parts: ObjectParts): InspectedObject {
  const { programs = {}, maps = [], variables = {} } = parts;
  const bss = struct('.bss', variables);
  const section = {
    name: '.bss',
    variables: bss.members.map(({ name, offset, layout }) => ({
      ...{ name, offset, size: layout.size, layout },
    })),
  };
  const hasVariables = bss.members.length > 0;
  const bssMap = map('.bss', { type: 'array', maxEntries: 1, value: bss });
  return {
    ...{ platform: 'linux', btf: true, needsCore: false, sections: hasVariables ? [section] : [] },
    maps: hasVariables ? [bssMap, ...maps] : [...maps],
    programs: Object.entries(programs).map(([name, { type = 'xdp', maps: used = [] }]) => ({
      ...{
        name,
        section: type,
        type,
        insns: 2,
        helpers: [],
        kfuncs: [],
        maps: [...used],
        variables: [],
      },
    })),
  };
}
